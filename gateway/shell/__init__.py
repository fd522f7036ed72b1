"""The only place in gateway that imports trio."""

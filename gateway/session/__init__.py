"""What the server remembers about its clients; time comes as an argument."""

"""A market source that plays back the user's own files."""

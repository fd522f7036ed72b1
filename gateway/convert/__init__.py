"""Domain values to protobuf messages and back, where two handlers need it."""

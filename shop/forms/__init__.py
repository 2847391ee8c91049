"""What shoppers may send, and how it is checked."""

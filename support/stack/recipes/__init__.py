"""What each stack is made of: its components, and the descriptor that tells about them."""

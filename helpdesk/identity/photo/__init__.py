"""What a photo of an identity card shows."""

"""What all training shares: devices, batches, augmentation, descent, checkpoints."""

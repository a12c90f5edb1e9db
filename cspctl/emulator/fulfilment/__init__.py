"""What happens to an order after it was placed: papers, links, entitlements, cancellation."""

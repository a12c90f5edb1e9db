"""What is on sale beside products: promotions, inventory, margins."""

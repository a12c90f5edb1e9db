"""cspctl: infrastructure as code for the Microsoft Cloud Solution Provider business."""

__version__ = "0.1.0"

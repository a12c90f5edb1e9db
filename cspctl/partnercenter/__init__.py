"""The only package that talks to Partner Center. Start at `cspctl.partnercenter.client`."""

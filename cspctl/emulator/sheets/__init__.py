"""Price sheets, offer matrix and exchange rates of the price host, and the Azure rate card."""

"""How the speech model and the matcher's networks are made. The product never imports it."""

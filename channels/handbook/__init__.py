"""The handbook (一本通) to be read: pages on the web, and the whole book as one file for screen and paper."""

"""The forms that schools print, drawn as vector PDFs together with the template packages that describe them."""

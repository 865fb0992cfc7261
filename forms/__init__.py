"""The forms that schools print: vector PDFs, drawn together with the template packages that describe them."""

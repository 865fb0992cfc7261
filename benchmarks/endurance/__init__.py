"""One checking process over many scans: does its memory stay?"""

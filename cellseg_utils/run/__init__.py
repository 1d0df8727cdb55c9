"""What a run is: its parameters, its folder of artifacts, fingerprints of what went in, whole writes.

Knows nothing of pictures or networks. May import no other folder.
"""

"""The networks, built out of a few blocks in Keras operations only; their losses; their layers as a graph.

Nothing here reads a picture or knows how a network is trained. May import `run`.
"""

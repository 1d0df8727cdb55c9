"""The networks, out of a few blocks of Keras operations; losses; layers as a graph.

Nothing here reads a picture or knows how a network is trained. May import `run`.
"""

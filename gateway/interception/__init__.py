"""What stands between connections and the rest while faults are in force or the journal is kept.

Theory of operation. A connection without a tap costs one look at an attribute per frame. Once there is a
fault or a journal, every frame of every connection comes by here: a request before it is answered, a
reply or push before it is enciphered and framed. The fault table says what strikes it; here that is done
to it, and what became of it is written down.
"""

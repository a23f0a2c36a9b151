j
locationw.binp
# expected 1:1
# Nothing here yet.

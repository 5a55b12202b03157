"""Small helpers without knowledge of counting."""

def blocking(note): return []

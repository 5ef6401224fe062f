"""Screening (政策找人): whole files of households read, assessed in columns, listed and compared."""

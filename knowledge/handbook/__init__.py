"""The bundled handbook (一本通) as data: programmes, parameters, facts, words, wordings. No code lives here."""

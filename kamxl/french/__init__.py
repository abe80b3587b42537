"""French of the problems: titles of codes, sentences, ways out. Tables that `problem_words.py` looks up."""

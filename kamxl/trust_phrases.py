"""Texts of the sheets that let managers trust rules: KAM Tests and KAM What-if, in English and French."""

from __future__ import annotations

TRUST_PHRASES: dict[str, tuple[str, str]] = {
    "tests_sheet": ("KAM Tests", "KAM Essais"),
    "tests_title": ("Test clients", "Clients d'essai"),
    "tests_note": (
        "One row per test client; leave blank what is not known. kamxl check and the Check button run the rows.",
        "Une ligne par client d'essai ; laisser vide ce qui n'est pas connu. kamxl check et le bouton Vérifier "
        "les exécutent.",
    ),
    "test_client": ("Test client", "Client d'essai"),
    "expected_category": ("Expected category", "Catégorie attendue"),
    "expected_score": ("Expected score", "Note attendue"),
    "whatif_sheet": ("KAM What-if", "KAM Simulation"),
    "whatif_title": ("What if the rules change", "Et si les règles changent"),
    "whatif_subtitle": (
        "old: {old}  ·  new: {new}  ·  {day}",
        "anciennes : {old}  ·  nouvelles : {new}  ·  {day}",
    ),
    "moved": ("Clients that move", "Clients qui changent"),
    "moved_revenue": ("Revenue that moves", "Chiffre d'affaires qui change"),
    "moved_line": (
        "Clients that move: {count}  Revenue that moves: {revenue}",
        "Clients qui changent : {count}  Chiffre d'affaires qui change : {revenue}",
    ),
    "shift": (
        "Scores that change: {count}, by up to +{rise} and −{fall} points",
        "Notes qui changent : {count}, jusqu'à +{rise} et −{fall} points",
    ),
    "no_shift": ("No score changes.", "Aucune note ne change."),
    "matrix": ("From (rows) to (columns), clients", "De (lignes) à (colonnes), clients"),
    "matrix_revenue": ("From (rows) to (columns), revenue", "De (lignes) à (colonnes), chiffre d'affaires"),
    "who_moves": ("Who moves, largest revenue first", "Qui change, plus grand chiffre d'affaires d'abord"),
    "nobody_moves": ("Nobody changes category.", "Personne ne change de catégorie."),
    "client": ("Client", "Client"),
    "revenue": ("Revenue", "Chiffre d'affaires"),
    "old_category": ("Old category", "Ancienne catégorie"),
    "new_category": ("New category", "Nouvelle catégorie"),
    "old_score": ("Old score", "Ancienne note"),
    "new_score": ("New score", "Nouvelle note"),
    "change": ("Change", "Écart"),
    "why": ("Why, by the new rules", "Pourquoi, selon les nouvelles règles"),
    "total": ("Total", "Total"),
    "no_category": ("no category", "aucune catégorie"),
    "and_more": ("… and {count} more clients", "… et {count} autres clients"),
    "robustness": ("Robustness", "Robustesse"),
    "robust": ("stays, whichever weight moves by ±{range}", "reste, quel que soit le poids déplacé de ±{range}"),
    "fragile": ("{change} of the weight of {name}: {category}", "{change} du poids de {name} : {category}"),
    "ask": (
        "How many times more important is the first than the second?\n"
        "1 equally, 3 somewhat more, 5 much more, 7 very much more, 9 extremely more; 1/3 the other way round",
        "Combien de fois le premier est-il plus important que le second ?\n"
        "1 autant, 3 un peu plus, 5 beaucoup plus, 7 bien davantage, 9 extrêmement plus ; 1/3 dans l'autre sens",
    ),
    "ask_pair": ("{first} against {second}: ", "{first} face à {second} : "),
    "ask_again": (
        "an answer is a number from 1/9 to 9, not `{text}`",
        "une réponse est un nombre de 1/9 à 9, et non `{text}`",
    ),
    "weight_column": ("weight", "poids"),
    "consistency": ("consistency ratio", "ratio de cohérence"),
    "answers_number": ("answers {number}", "réponses {number}"),
    "not_scored": ("not scored", "non noté"),
    "sensitivity": (
        "{fragile} of {clients} clients change category if one weight moves by ±{range}",
        "Clients qui changent de catégorie si un poids bouge de ±{range} : {fragile} sur {clients}",
    ),
}


def tell(key: str, language: str, **parts: object) -> str:
    """A phrase in a language with its parts filled in. Errors: KeyError for an unknown phrase - a bug of ours."""
    text = TRUST_PHRASES[key][1 if language == "fr" else 0]
    return text.format(**parts) if parts else text

"""The demo portfolio in French: the same clients and figures under French headers, with French answers.

What a French user's first workbook holds. The headers are those that the shipped rules answer to beside the English
ones. Names of clients and people are names, and stay. Pure, as `demo.py` is.
"""

from __future__ import annotations

from kamxl.demo import HEADERS, demo_rows
from kamxl.table import Cell

_HEADERS = {
    "Client ID": "No client",
    "Client": "Client",
    "Region": "Région",
    "Account manager": "Chargé de comptes",
    "Status": "Statut",
    "Segment": "Marché",
    "Employees": "Effectif",
    "Sites": "Établissements",
    "Distribution network": "Réseau de distribution",
    "Way of working": "Façon de travailler",
    "Shared values": "Valeurs partagées",
    "Shared mission": "Mission partagée",
    "Client since": "Client depuis",
    "Last order": "Dernière commande",
    "Orders": "Commandes",
    "Revenue": "Chiffre d'affaires",
    "Gross margin": "Marge brute",
    "Machined parts": "Pièces usinées",
    "Sheet metal": "Tôlerie",
    "Assemblies": "Assemblages",
    "Tooling": "Outillage",
    "Spare parts": "Pièces de rechange",
    "Service contracts": "Contrats de service",
    "Product lines": "Gammes achetées",
    "Quotes sent": "Offres envoyées",
    "Quotes won": "Offres gagnées",
    "New products tried": "Nouveaux produits essayés",
    "Hours served": "Heures de service",
    "Recommends us": "Nous recommande",
    "Value over price": "Valeur avant prix",
    "Supplier rank": "Rang fournisseur",
    "Addressable spend": "Potentiel d'achat",
    "Client growth": "Croissance du client",
    "Market growth": "Croissance du marché",
    "Accessibility": "Accessibilité",
    "Override": "Dérogation",
    "Override reason": "Motif de la dérogation",
    "Override by": "Dérogation par",
    "Override until": "Dérogation jusqu'au",
}
FRENCH_HEADERS = tuple(_HEADERS[header] for header in HEADERS)
# Answers by header; what is not here is a name, a number or the same word.
_ANSWERS: dict[str, dict[str, str]] = {
    "Region": {"Atlantic": "Atlantique", "New England": "Nouvelle-Angleterre"},
    "Status": {"active": "actif", "lost": "perdu"},
    "Segment": {
        "Aerospace": "Aéronautique",
        "Medical": "Médical",
        "Energy": "Énergie",
        "Machinery": "Machinerie",
        "Food": "Alimentation",
        "Furniture": "Ameublement",
    },
    "Distribution network": {"regional": "régional"},
    "Way of working": {"partnership": "partenariat", "negotiation": "négociation", "tender": "appel d'offres"},
    "Supplier rank": {"sole": "unique", "first": "premier", "second": "deuxième", "occasional": "occasionnel"},
    "Recommends us": {"yes": "oui", "no": "non"},
    "Override": {"High potential": "Fort potentiel", "Loyal": "Fidèle"},
    "Override reason": {
        "New plant opens in March; their buyer asked for us": (
            "Nouvelle usine en mars ; leur acheteur nous a demandés"
        ),
        "Client of the founder since the first year": "Client du fondateur depuis la première année",
    },
}

# What else stands in the demo workbook: names of sheets and lists, titles, comments and notes of the team.
_TEXTS = {
    "Sales by region": "Ventes par région",
    "Lists": "Listes",
    "list": "liste",
    "Total": "Total",
    "Sales team": "Équipe des ventes",
    "Client portfolio - Portefeuille de clients": "Portefeuille de clients",
    "Client portfolio": "Portefeuille de clients",
    "Demo workbook of kamxl; every name is invented": "Classeur de démonstration de kamxl ; les noms sont inventés",
    "Last 12 months up to {day}, CAD. One row per client; leave unknown cells blank.": (
        "12 derniers mois jusqu'au {day}, en CAD. Une ligne par client ; laissez vides les cellules inconnues."
    ),
    "Sales by region - Ventes par région": "Ventes par région",
    "Revenue and margin by region, CAD": "Chiffre d'affaires et marge par région, CAD",
    "Notes of the sales team": "Notes de l'équipe des ventes",
    "Who": "Qui",
    "Back to the clients": "Retour aux clients",
    "What the client buys in a year, from us or from others, of what we could sell. Ask them!": (
        "Ce que le client achète en un an, chez nous ou ailleurs, de ce que nous pourrions vendre. Demandez-lui !"
    ),
    "Share of what is left that we could win within 12 to 18 months.": (
        "Part de ce qui reste que nous pourrions gagner en 12 à 18 mois."
    ),
    "All departments together, last 12 months, from the time sheets.": (
        "Tous les services ensemble, 12 derniers mois, d'après les feuilles de temps."
    ),
    "Addressable spend asked for at the yearly reviews; blank where nobody asked yet.": (
        "Potentiel d'achat demandé aux revues annuelles ; vide là où personne ne l'a encore demandé."
    ),
    "Hours served come from the time sheets of all departments, not from sales alone.": (
        "Les heures de service viennent des feuilles de temps de tous les services, pas des ventes seules."
    ),
    "Are Fonderie Brindemont and Fonderie Brindemont ltée one client? Ask finance.": (
        "Fonderie Brindemont et Fonderie Brindemont ltée sont-elles un seul client ? À demander aux finances."
    ),
}


def french_text(text: str) -> str:
    """The French of a header or of another text of the demo workbook; a name, or what is French already, as it is."""
    return _HEADERS.get(text) or _TEXTS.get(text, text)


def french_answer(header: str, answer: str) -> str:
    """The French of an answer that stands under a header of the English demo; a name as it is."""
    return _ANSWERS.get(header, {}).get(answer, answer)


def french_demo_rows(quarter: int = 1) -> tuple[tuple[Cell, ...], ...]:
    """The rows of `demo_rows` under FRENCH_HEADERS, in the same order. Errors: ValueError as there."""
    answers = [_ANSWERS.get(header, {}) for header in HEADERS]
    return tuple(tuple(map(_in_french, answers, row)) for row in demo_rows(quarter))


def _in_french(answers: dict[str, str], cell: Cell) -> Cell:
    return answers.get(cell, cell) if isinstance(cell, str) else cell

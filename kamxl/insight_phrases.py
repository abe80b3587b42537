"""Texts of the dashboard, its page, the history, and the published workbooks, in English and French."""

from __future__ import annotations

INSIGHT_PHRASES: dict[str, tuple[str, str]] = {
    "title": ("Client portfolio", "Portefeuille clients"),
    "subtitle": (
        "{name}  ·  clients:\u00a0{clients}  ·  as of {day}  ·  rules {rules}",
        "{name}  ·  clients\u00a0:\u00a0{clients}  ·  au {day}  ·  règles {rules}",
    ),
    "clients": ("Clients", "Clients"),
    "clients_note": (
        "buyers:\u00a0{buyers}, without revenue:\u00a0{others}",
        "acheteurs\u00a0:\u00a0{buyers}, sans chiffre d'affaires\u00a0:\u00a0{others}",
    ),
    "negative_note": (
        "with negative revenue:\u00a0{count}",
        "avec chiffre d'affaires négatif\u00a0:\u00a0{count}",
    ),
    "revenue": ("Revenue", "Chiffre d'affaires"),
    "revenue_note": (
        "the top 20% of the buyers hold {share}",
        "les 20\u00a0% premiers acheteurs en font {share}",
    ),
    "revenue_none": ("no revenue above zero", "aucun chiffre d'affaires positif"),
    "revenue_unknown": ("the revenue of no client is known", "aucun chiffre d'affaires n'est connu"),
    "dormant": ("Dormant revenue", "Revenu dormant"),
    "dormant_note": ("{share} of the revenue", "{share} du chiffre d'affaires"),
    "dormant_estimated": (
        "≈ {amount} of it estimated from peers (clients:\u00a0{count})",
        "dont ≈ {amount} estimés d'après les pairs (clients\u00a0:\u00a0{count})",
    ),
    "dormant_none": ("spend of the clients is not known", "potentiel d'achat des clients inconnu"),
    "tail": ("Bring the last 5% of revenue", "Apportent les derniers 5\u00a0% du CA"),
    "tail_note": (
        "of the buyers: {with_} with the one that crosses 95%, {without} without",
        "des acheteurs : {with_} avec celui qui franchit 95\u00a0%, {without} sans lui",
    ),
    "tail_effort": ("They take of the effort", "Leur part de l'effort"),
    "tail_effort_note": (
        "for the last 5% of the revenue (clients:\u00a0{clients})",
        "pour les derniers 5\xa0% du CA (clients\u00a0:\u00a0{clients})",
    ),
    "effort_none": ("no column of hours or cost to serve", "aucune colonne d'heures ou de coût de service"),
    "completeness": ("Answers known", "Réponses connues"),
    "completeness_note": (
        "clients under half:\u00a0{count}",
        "clients à moins de la moitié\u00a0:\u00a0{count}",
    ),
    "by_category": ("Categories", "Catégories"),
    "category": ("Category", "Catégorie"),
    "share_clients": ("Share of clients", "Part des clients"),
    "share_revenue": ("Share of revenue", "Part du CA"),
    "share_effort": ("Share of effort", "Part de l'effort"),
    "score": ("Average score", "Note moyenne"),
    "score_now": ("Score", "Note"),
    "total": ("Total", "Total"),
    "chart_categories": ("Revenue and dormant revenue", "Chiffre d'affaires et revenu dormant"),
    "chart_effort": ("Effort against revenue", "Effort et chiffre d'affaires"),
    "chart_shares": ("Clients against revenue", "Clients et chiffre d'affaires"),
    "chart_whale": ("Whale curve", "Courbe de la baleine"),
    "whale_x": ("share of clients, best first", "part des clients, du meilleur au moindre"),
    "whale_y": ("cumulative share", "part cumulée"),
    "profit": ("Gross margin", "Marge brute"),
    "chart_matrix": ("{y} and {x}", "{y} et {x}"),
    "chart_matrix_none": ("Potential and history", "Potentiel et historique"),
    "matrix_note": (" · {shown} largest clients", " · {shown} plus grands clients"),
    "no_chart_revenue": (
        "No chart: no client has revenue above zero.",
        "Pas de graphique : aucun client n'a de chiffre d'affaires positif.",
    ),
    "no_chart_matrix": (
        "No chart: no client has both scores and revenue above zero.",
        "Pas de graphique : aucun client n'a les deux notes et un chiffre d'affaires positif.",
    ),
    "no_chart_clients": ("No chart: there are no clients.", "Pas de graphique : il n'y a aucun client."),
    "develop": ("Top {count} to develop", "Les {count} clients à développer"),
    "develop_none": (
        "No dormant revenue is known. Fill in the addressable spend of the clients, or what they buy by product line.",
        "Aucun revenu dormant connu. Renseigner le potentiel d'achat des clients, ou leurs achats par gamme.",
    ),
    "client": ("Client", "Client"),
    "client_name": ("Name", "Nom"),
    "interval": ("Estimate between", "Estimation entre"),
    "interval_text": ("≈ {low} – {high}", "≈ {low} – {high}"),
    "potential": ("Potential", "Potentiel"),
    "estimate_note": (
        "≈ is an estimate from peers of the same segment and size: first to third quartile of what they buy.",
        "≈ est une estimation d'après des pairs de même segment et de même taille : "
        "du premier au troisième quartile de leurs achats.",
    ),
    "movers": ("Movers since {day}", "Mouvements depuis le {day}"),
    "movers_never": ("Movers", "Mouvements"),
    "movers_first": (
        "This is the first run: who moves shows from the next one on.",
        "Première exécution : les mouvements apparaîtront dès la prochaine.",
    ),
    "movers_none": ("Nobody changed category.", "Personne n'a changé de catégorie."),
    "movers_count": (
        "Moved:\u00a0{moved}, new:\u00a0{new}, gone:\u00a0{gone}",
        "Changements\u00a0:\u00a0{moved}, nouveaux\u00a0:\u00a0{new}, partis\u00a0:\u00a0{gone}",
    ),
    "movers_rules": (
        "Other rules judged then: a move may come from the rules, not from the client.",
        "D'autres règles s'appliquaient alors : un mouvement peut venir des règles et non du client.",
    ),
    "before": ("Before", "Avant"),
    "after": ("Now", "Maintenant"),
    "change": ("Score", "Note"),
    "averages": ("Average scores", "Notes moyennes"),
    "spread": ("Concentration of revenue", "Concentration du chiffre d'affaires"),
    "buyers": ("Buyers", "Acheteurs"),
    "share": ("Share", "Part"),
    "class_a": ("A: the first 80%", "A : les premiers 80\u00a0%"),
    "class_b": ("B: up to 95%", "B : jusqu'à 95\u00a0%"),
    "class_c": ("C: the rest", "C : le reste"),
    "top_fifth": ("Top 20% of the buyers", "Premiers 20\u00a0% des acheteurs"),
    "bottom_half": ("Bottom half of the buyers", "Moitié inférieure des acheteurs"),
    "gini_note": (
        "Gini coefficient {gini} (0: all buy alike; 1: one buys all).",
        "Coefficient de Gini {gini} (0 : tous achètent autant ; 1 : un seul achète tout).",
    ),
    "whale_note": (
        "Clients that cost money:\u00a0{count}; without them the gross margin would be {peak} of what it is.",
        "Clients qui coûtent de l'argent\u00a0:\u00a0{count}. Sans eux, la marge brute serait à {peak} de sa valeur.",
    ),
    "quality": ("Data quality", "Qualité des données"),
    "quality_good": ("Nothing to correct was found.", "Rien à corriger."),
    "quality_unscored": ("clients without a score", "clients sans note"),
    "quality_half": ("clients with less than half of the answers", "clients avec moins de la moitié des réponses"),
    "quality_blank": ("blank: {column}", "vide : {column}"),
    "quality_same": (
        "names that stand more than once: {examples}",
        "noms présents plusieurs fois : {examples}",
    ),
    "quality_alike": ("names that look alike: {one} / {other}", "noms qui se ressemblent : {one} / {other}"),
    "quality_alike_value": (
        "values that look alike in {column}: {one} / {other}",
        "valeurs qui se ressemblent dans {column} : {one} / {other}",
    ),
    "quality_negative": ("negative {column}: {examples}", "{column} négatif : {examples}"),
    "quality_over_spend": (
        "revenue over addressable spend: {examples}",
        "chiffre d'affaires au-delà du potentiel d'achat : {examples}",
    ),
    "quality_over_revenue": ("{column} over revenue: {examples}", "{column} au-delà du CA : {examples}"),
    "quality_no_share": ("{column} outside 0 to 100%: {examples}", "{column} hors de 0 à 100\u00a0% : {examples}"),
    "quality_future": ("{column} in the future: {examples}", "{column} dans le futur : {examples}"),
    "chart_data": (
        "Cells behind the charts: change one and its chart follows.",
        "Cellules derrière les graphiques : en changer une change le graphique.",
    ),
    "not_classified": ("Not classified", "Non classés"),
    "none": ("–", "–"),
    "white_space": ("White space", "Espaces blancs"),
    "white_space_note": (
        "Black: what the client buys. Orange ≈: what peers of the same segment and size buy and this client does not; "
        "median of the peers, scaled to the client's size, an estimate. Empty: fewer than 40% of the peers buy it. "
        "The dashboard counts of it what is accessible, and no more than what is left of a known spend.",
        "Noir : ce que le client achète. Orange ≈ : ce qu'achètent des pairs de même segment et de même taille "
        "et que ce client n'achète pas ; médiane des pairs, ramenée à la taille du client, une estimation. "
        "Vide : moins de 40\u00a0% des pairs l'achètent. "
        "Le tableau de bord en compte ce qui est accessible, et au plus ce qui reste d'un potentiel d'achat connu.",
    ),
    "white_space_cut": (
        "The {shown} clients with the largest estimate of {count}.",
        "Les {shown} clients à la plus grande estimation sur {count}.",
    ),
    "segment": ("Segment", "Segment"),
    "peers": ("Peers", "Pairs"),
    "estimate": ("Estimate", "Estimation"),
    "low": ("Low (Q1)", "Bas (Q1)"),
    "high": ("High (Q3)", "Haut (Q3)"),
    "peers_all": ("all clients", "tous les clients"),
    "brief_title": ("For this client, now", "Pour ce client, maintenant"),
    "brief_stage": ("Stage", "Étape"),
    "brief_process": ("Process", "Processus"),
    "brief_department": ("Department", "Service"),
    "brief_do": ("What to do", "Quoi faire"),
    "brief_how": ("How", "Comment"),
    "brief_within": ("Within", "Délai"),
    "brief_owner": ("Owner", "Responsable"),
    "brief_check": ("Check list", "À vérifier"),
    "brief_none": ("Nothing to do at this stage.", "Rien à faire à cette étape."),
    "brief_missing": ("The process file says nothing here.", "Le fichier de processus ne dit rien ici."),
    "brief_data": (
        "Lists behind the drop-downs, written anew by each run.",
        "Listes derrière les menus déroulants, récrites à chaque exécution.",
    ),
    "key_short": ("Key", "Clé"),
    "why_estimate": (
        "{product}: {adoption} of {count} peers buy it ({group}), for example {peers}",
        "{product} : {adoption} de {count} pairs l'achètent ({group}), par exemple {peers}",
    ),
    "history_title": ("History of classifications", "Historique des classements"),
    "history_note": (
        "One line per client and change; kamxl adds lines and never rewrites earlier ones. Notes are yours. "
        "(kamxl history format {version})",
        "Une ligne par client et par changement ; kamxl ajoute des lignes sans récrire les précédentes. "
        "Les remarques sont les vôtres. (kamxl history format {version})",
    ),
    "date": ("Date", "Date"),
    "event": ("Event", "Événement"),
    "event_new": ("new", "nouveau"),
    "event_changed": ("changed", "modifié"),
    "event_gone": ("gone", "parti"),
    "event_back": ("back", "de retour"),
    "override": ("Override", "Dérogation"),
    "rules": ("Rules", "Règles"),
    "notes": ("Notes", "Remarques"),
    "key": ("Category key", "Clé de catégorie"),
    "runs": ("Runs", "Exécutions"),
    "version": ("kamxl", "kamxl"),
    "changes": ("Changes", "Changements"),
    "unread": (
        "Lines that kamxl could not read, kept as they are",
        "Lignes que kamxl n'a pu lire, conservées telles quelles",
    ),
    "movement_title": ("Movement between categories", "Mouvements entre catégories"),
    "movement_from": ("From {start} to {end}", "Du {start} au {end}"),
    "movement_none": (
        "There is one run so far: movement shows from the next one on.",
        "Une seule exécution jusqu'ici : les mouvements apparaîtront dès la prochaine.",
    ),
    "matrix_counts": ("Clients: from (rows) to (columns)", "Clients : de (lignes) vers (colonnes)"),
    "matrix_revenue": ("Their revenue today", "Leur chiffre d'affaires d'aujourd'hui"),
    "appeared": ("New", "Nouveaux"),
    "disappeared": ("Gone", "Partis"),
    "growth_title": ("Growth since the first classification", "Croissance depuis le premier classement"),
    "growth_category": ("First category", "Première catégorie"),
    "growth_still": ("Still clients", "Encore clients"),
    "growth_then": ("Revenue then", "CA d'alors"),
    "growth_now": ("Revenue now", "CA actuel"),
    "growth_rate": ("Growth", "Croissance"),
    "growth_lost": ("Revenue of those gone", "CA des partis"),
    "growth_months": ("Months (median)", "Mois (médiane)"),
    "limit_months": (
        "At most {months} months have passed since the first classification; the method speaks of 12 to 18. "
        "Too early to conclude.",
        "Au plus {months} mois depuis le premier classement ; la méthode parle de 12 à 18. Trop tôt pour conclure.",
    ),
    "limit_rules": (
        "The rules changed in between ({count}): a client may have moved because of the rules.",
        "Les règles ont changé entre-temps ({count}) : un client peut avoir bougé à cause des règles.",
    ),
    "limit_few": (
        "Fewer than {count} clients in: {categories}. One order makes such a rate.",
        "Moins de {count} clients dans : {categories}. Une seule commande suffit à faire un tel taux.",
    ),
    "limit_cause": (
        "Growth is not proof: there is no comparison group, prices and markets moved too, and small clients can only "
        "grow where large ones tend to shrink back to the mean.",
        "Une croissance n'est pas une preuve : il n'y a pas de groupe témoin, les prix et les marchés ont bougé aussi, "
        "et les petits ne peuvent que croître quand les grands tendent à revenir à la moyenne.",
    ),
    "limits": ("What this cannot conclude", "Ce qu'on ne peut en conclure"),
    "trend_new": ("new", "nouveau"),
    "until": ("{label} until {day}", "{label} jusqu'au {day}"),
}


def tell(key: str, language: str, **parts: object) -> str:
    """A text in a language with its parts filled in. Errors: KeyError for an unknown key - a bug of ours."""
    text = INSIGHT_PHRASES[key][1 if language == "fr" else 0]
    return text.format(**parts) if parts else text

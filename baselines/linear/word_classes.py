"""Common words that tell what a phrase is about: too few documents are annotated to learn them all from."""

from __future__ import annotations

import re

_CLASSES = {
    "transfer": """sale sales deal deals contract contracts order orders package packages agreement agreements purchase
        purchases buy aid assistance case cases request requests offer transfer transfers acquisition tranche drawdown
        donation delivery deliveries grant bid award""",
    "force": """army navy force forces marine marines corps guard military troops squadron regiment brigade battalion
        command fleet infantry militia""",
    "body": """ministry department agency parliament congress senate house committee government office administration
        council embassy pentagon cabinet directorate bureau legislature commission authority""",
    "firm": """inc corp corporation company co ltd limited llc plc gmbh group industries systems aerospace dynamics
        technologies technology international aviation shipyards shipbuilding consortium venture firm manufacturer maker
        contractor supplier""",
    "title": """president minister secretary general admiral colonel captain senator representative ambassador spokesman
        spokeswoman spokesperson director chief commander gen adm col mr mrs ms dr lt premier chancellor professor
        analyst lawmaker""",
    "place": """sea strait island islands base airport port city province region peninsula ocean gulf bay camp alabama
        alaska arizona arkansas california colorado connecticut florida georgia idaho illinois indiana kansas kentucky
        louisiana maine maryland massachusetts michigan minnesota mississippi missouri nevada ohio oklahoma oregon
        pennsylvania tennessee texas utah vermont virginia washington wisconsin tx az ca fl ct ma md va mo al""",
    "weapon": """missile missiles aircraft helicopter helicopters jet jets fighter fighters tank
        tanks howitzer howitzers
        launcher launchers rocket rockets radar radars drone drones frigate frigates submarine submarines ship ships
        vessel vessels vehicle vehicles gun guns rifle rifles bomb bombs torpedo torpedoes munition munitions ammunition
        rounds interceptor interceptors battery batteries engine engines sensor sensors radio radios mortar mortars
        warhead warheads gunboat gunboats boat boats carrier carriers shell shells""",
    "support": """training support maintenance parts spares equipment services documentation publications logistics
        repair software engineering facilities tools warranty simulators consumables transport installation upgrade
        refurbishment overhaul""",
    "press": "news times post reuters institute university journal agency magazine newspaper think forum party",
    "law": "act law treaty resolution resolutions authority programme program regulations convention",
    "saying": "said says told announced confirmed reported according added noted called approved signed",
}
_CLASS_OF = {word: name for name, words in reversed(_CLASSES.items()) for word in re.findall(r"\w+", words)}
"""A word of several classes belongs to the first of them."""


def lexical_class(word: str) -> str | None:
    """The class of a word in lower case ("transfer" for "sale", "force" for "navy"), or None."""
    return _CLASS_OF.get(word)

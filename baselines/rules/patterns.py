"""Tables of the rule system: names that do not change from text to text, head nouns, and the shapes of values.

What is here is general knowledge of the field, or was read off training documents; a few entries were added after
looking at errors on validation documents. Test documents were never looked at.
"""

from __future__ import annotations

import re

from ...annotations.countries import countries

NAMES: dict[str, tuple[str, ...]] = {
    "GOV_BODY": (
        "Defense Security Cooperation Agency", "US Defense Security Cooperation Agency",
        "U.S. Defense Security Cooperation Agency", "DSCA", "Congress", "U.S. Congress", "US Congress", "Senate",
        "U.S. Senate", "US Senate", "House of Representatives", "Senate Foreign Relations Committee",
        "House Foreign Affairs Committee", "State Department", "U.S. State Department", "US State Department",
        "Department of State", "U.S. Department of State", "US Department of State", "Defense Department",
        "Department of Defense", "U.S. Department of Defense", "US Department of Defense", "Pentagon",
        "White House", "Kremlin", "Bundestag", "Knesset", "Duma", "Riksdag", "Storting", "Folketing", "Bundesrat",
        "Taipei Economic and Cultural Representative Office", "TECRO",
        "Taipei Economic and Cultural Representative Office in the United States", "Parliament", "Downing Street",
        "Foreign Office", "Legislative Yuan", "Presidential Office", "Elysee",
        "Armed Services Committee", "European Commission", "DoD", "DOD",
    ),
    "ORGANIZATION": (
        "NATO", "North Atlantic Treaty Organization", "North Atlantic Treaty Organisation", "European Union", "EU",
        "United Nations", "UN", "U.N.", "Gulf Cooperation Council", "GCC", "African Union", "ASEAN", "Arab League",
        "OSCE", "Reuters", "Associated Press", "AP", "AFP", "Agence France-Presse", "Bloomberg", "BBC", "CNN",
        "Xinhua", "TASS", "Interfax", "Kyodo", "Yonhap", "SIPRI", "RUSI", "IISS", "Janes", "Jane's", "FlightGlobal",
        "Stockholm International Peace Research Institute", "Amnesty International", "Human Rights Watch",
        "Breaking Defense", "Defense News", "Hezbollah", "Hamas", "Houthis", "Islamic State",
        "Taipei Times", "Press Trust of India", "PTI", "The Wire", "The Hindu", "Dow Jones", "Bloomberg News",
        "Business Today", "Wall Street Journal", "New York Times", "Financial Times", "Washington Post", "Politico",
        "CNBC", "Nikkei", "Naval News", "Al Jazeera", "Deutsche Welle", "Kuomintang", "Democratic Progressive Party",
        "Defense Post", "OCCAR", "Forum on the Arms Trade", "Arms Control Association",
    ),
    "COMPANY": (
        "Lockheed Martin", "Raytheon", "RTX", "Boeing", "Northrop Grumman", "General Dynamics", "Boeing Defense, "
        "Space & Security", "BAE Systems",
        "General Electric", "GE Aerospace", "GE", "L3Harris", "L3Harris Technologies", "Pratt & Whitney", "Sikorsky",
        "Bell Helicopter", "Bell", "Textron", "Oshkosh", "Oshkosh Defense", "Huntington Ingalls", "Leidos", "SAIC",
        "Honeywell", "Rockwell Collins", "Collins Aerospace", "General Atomics", "Kratos", "AeroVironment", "Anduril",
        "Airbus", "Airbus Helicopters", "Airbus Defence and Space", "Dassault", "Dassault Aviation", "Thales", "MBDA",
        "Safran", "Naval Group", "Nexter", "KNDS", "Arquus", "Rheinmetall", "Krauss-Maffei Wegmann", "KMW",
        "ThyssenKrupp Marine Systems", "TKMS", "Diehl", "Diehl Defence", "Hensoldt", "Heckler & Koch", "Leonardo",
        "Fincantieri", "Iveco", "Saab", "Bofors", "Kongsberg", "Nammo", "Patria", "Rolls-Royce", "Babcock", "QinetiQ",
        "Elbit", "Elbit Systems", "Rafael", "Israel Aerospace Industries", "IAI", "Rosoboronexport", "Rostec",
        "Sukhoi", "NPO Mashinostroyeniya", "Almaz-Antey", "Norinco", "NORINCO", "AVIC", "Hindustan Aeronautics",
        "BrahMos Aerospace", "Hanwha", "Hanwha Aerospace", "Hyundai Rotem", "Korea Aerospace Industries", "KAI",
        "LIG Nex1", "Poongsan", "Mitsubishi Heavy Industries", "Kawasaki Heavy Industries", "Embraer", "Baykar",
        "Turkish Aerospace Industries", "Roketsan", "Aselsan", "Otokar", "Denel", "Navantia", "Indra", "PGZ",
        "Longbow", "Javelin Joint Venture", "Joint Javelin Venture", "United Technologies", "AM General", "Alcoa",
        "Howmet Castings", "ITT", "L-3 Communications", "Colt", "FN Herstal", "Beretta", "Harris",
        "ATK", "WB Group", "Alliant Techsystems",
        "Orbital ATK", "Aerojet", "Aerojet Rocketdyne", "MD Helicopters", "Beechcraft", "Hawker Beechcraft",
        "Cessna", "DRS", "Austal", "VSE", "DynCorp", "Daimler", "Volvo", "Scania", "Tatra", "Excalibur", "CSG",
    ),
    "LAW": (
        "Arms Export Control Act", "Taiwan Relations Act", "Total Package Approach", "Foreign Assistance Act",
        "presidential drawdown authority", "Presidential Drawdown Authority", "Foreign Military Financing",
        "Ukraine Security Assistance Initiative", "Arms Trade Treaty", "Missile Technology Control Regime", "CLSSA",
        "Cooperative Logistics Supply Support Agreement", "European Peace Facility", "Excess Defense Articles",
    ),
    "LOCATION": (
        "Europe", "Northern Europe", "Southern Europe", "Eastern Europe", "Western Europe", "Central Europe", "Africa",
        "North Africa", "Asia", "Central Asia", "South Asia", "Southeast Asia", "East Asia", "Northeast Asia",
        "Asia Pacific region", "Asia-Pacific region", "Asia Pacific", "Asia-Pacific", "Indo-Pacific", "Middle East",
        "Persian Gulf", "Gulf region", "Arabian Gulf", "Latin America", "South America", "Central America",
        "North America", "Caribbean", "Balkans", "Baltic", "Baltics", "Baltic Sea", "Black Sea", "South China Sea",
        "East China Sea", "West Philippine Sea", "Red Sea", "Mediterranean", "Taiwan Strait", "Western Pacific",
        "Pacific", "Atlantic", "Arctic", "Indian Ocean", "Crimea", "Gaza", "West Bank", "Kashmir", "Donbas", "Nordic",
        "Horn of Africa", "Sahel", "St. Louis", "Western Hemisphere", "Euro-Atlantic", "Oceania", "Strait of Hormuz",
    ),
}  # fmt: skip
"""Names by label; longer names win over shorter ones inside them."""

STATES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho|Illinois|Indiana"
    "|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana"
    "|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon"
    "|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington"
    "|West Virginia|Wisconsin|Wyoming|Ontario|Quebec|Alberta|British Columbia|New South Wales|Queensland"
)
STATE_CODES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR"
    "|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC"
)
COUNTRY_NAMES = "|".join(re.escape(c.name) for c in countries() if "," not in c.name and "(" not in c.name)

# Values ------------------------------------------------------------------------------------------------

_YEAR = r"(?:19|20)\d\d"
_SCALE = r"(?:[\s-]+(?:thousand|million|billion|trillion|bn|mn|crore|lakh)\b|(?:bn|m|mn|b|k)\b)?"
_FIGURE = r"\d[\d,]*(?:\.\d+)?"
_COIN = (
    r"(?:(?:U\.S\.|US|Taiwan|Australian|Canadian|Singapore|New Zealand|Hong Kong|Swiss|Danish|Swedish|Norwegian|Czech"
    r"|Pakistani|Mexican)\s+)?(?:dollars?|euros?|pounds|yen|yuan|won|rupees|pesos|zlotys?|zlotych|kronor|kroner|krone"
    r"|crowns|francs|shekels|rubles|roubles|liras?|riyals|dirhams|baht|ringgit|rupiah|forint|koruna|lei|hryvnia|reais)"
)
_CODE = r"(?:USD|EUR|GBP|JPY|CNY|KRW|INR|PHP|TWD|AUD|CAD|NZD|SGD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|ILS|UAH|RUB|BRL)"
_SIGN = r"(?:(?:US|NT|AU|A|CA|C|NZ|HK|S|R)?\$|€|£|¥|₩|₹|₱|Rs\.?|P(?=\d))"
MONEY = re.compile(
    rf"(?<![\w$])(?:(?:{_CODE}\s?|{_SIGN}\s?){_FIGURE}{_SCALE}(?:\s+{_COIN}\b)?"
    rf"|(?<!\d,)(?:(?!{_YEAR}\s+won\b){_FIGURE}{_SCALE}\s+{_COIN}\b|{_FIGURE}{_SCALE}\s?(?:€|{_CODE}\b)))"
    rf"|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|fifty|(?:a|one)\s+hundred)"
    rf"\s+(?:thousand|million|billion)\s+{_COIN}\b"
)
BARE_SUM = re.compile(rf"(?<![\w$.,]){_FIGURE}\s+(?:million|billion|trillion)\b")
"""A sum whose currency stands elsewhere; only where no noun follows that is counted."""

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|(?:Jan|Feb|Mar|Apr"
    r"|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
DATE = re.compile(
    rf"\b(?:(?:{_WEEKDAY},?\s+)?[0-3]?\d(?:st|nd|rd|th)?(?:[-–][0-3]?\d)?\s+{_MONTH}(?:,?\s+{_YEAR})?\b"
    rf"|(?:{_WEEKDAY},?\s+)?{_MONTH}\s*[0-3]?\d(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?\b(?!,\d)"
    rf"|(?:(?:early|mid|late)[- ])?{_MONTH},?\s+{_YEAR}\b|{_YEAR}-\d\d-\d\d"
    rf"|(?:[Ff]iscal\s+[Yy]ear|FY)\s?(?:{_YEAR}|\d\d)\b"
    rf"|(?:spring|summer|autumn|fall|winter|first half|second half|end)\s+of\s+{_YEAR}\b"
    rf"|(?:first|second|third|fourth|last)\s+(?:day|week)\s+of\s+{_MONTH}\b|[Ee]arlier\s+(?:this\s+month"
    rf"|in\s+the\s+week)\b|[Tt]oday\b|[Yy]esterday\b|[Tt]omorrow\b"
    rf"|(?:[Ll]ast|[Nn]ext|[Tt]his)\s+(?:week|month|year|spring|summer|autumn|winter|{_WEEKDAY}|{_MONTH})\b"
    rf"|{_WEEKDAY}\b|(?:(?:one|two|three|four|five|six|nine|ten|\d+)\s+(?:days?|weeks?|months?|years?)\s+ago)\b)"
)
BARE_DATE = re.compile(
    r"\b(?:January|February|April|June|July|August|September|October|November|December)\b"
    rf"|(?<=\b[Ii]n )(?:March|May)\b|(?<![\w.,$€£/-]){_YEAR}(?![\w%/-]|[.,]\d|\s+(?:kg|km|miles|units|missiles|rounds))"
    rf"|(?:early|mid|late)[- ](?:{_YEAR}|{_MONTH})\b|{_MONTH}\s+(?:this|last|next)\s+year\b"
)

NUMBER = (
    r"(?:\d{1,3}(?:,\d{3})+|\d+|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?(?:\s+(?:hundred|thousand))?|(?:half a )?dozen|pair)"
)
COUNT_BEFORE = re.compile(rf"(?<![\w.,$/-])(?P<number>{NUMBER})\)?(?:\s+\(\d[\d,]*\))?(?:\s+of(?:\s+the)?)?\s+$", re.I)
"""A number at the end of the text before an item, bare or in parentheses."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Items -------------------------------------------------------------------------------------------------

WEAPON_HEADS = _words(
    """
    aircraft airplane plane jet fighter fighters bomber helicopter gunship drone uav uas missile rocket
    bomb munition ammunition round cartridge shell warhead torpedo mine tank howitzer gun cannon mortar
    launcher rifle carbine pistol machine-gun weapon vehicle carrier truck hmmwv humvee ship frigate
    corvette destroyer submarine boat vessel cutter radar sonar sensor radio engine interceptor battery
    system pod sight seeker transponder goggle dispenser jammer flare chaff decoy receiver transmitter
    terminal locator kit turret interferometer set computer display recorder rack array artillery
    self-propelled gunboat warship interrogator subsystem sub-system sub-assembly assembly
    absorber fairlead module window navigation paveway target illuminator designator camera antenna
    transceiver bayonet grenade mount fuze airframe turboprop
    countermeasure satcom turbine propeller gear
    """
)
"""Head nouns of WEAPON in the singular (guideline 2)."""

SUPPORT_HEADS = _words(
    """
    part spare equipment tool training publication documentation data service support assistance
    maintenance construction transportation transport design container trainer simulator generator
    software facility repair return refurbishment upgrade overhaul modification integration engineering
    logistics warranty survey test consumable accessory document manual device component material item
    facilities instruction element shelter study storage delivery ferry installation fuel
    lubricant calibration communications unit switch number book spares supply review personnel
    participation
    """
)
"""Head nouns of SUPPORT in the singular (guideline 2)."""

SUPPORT_PHRASES = re.compile(
    r"(?:test|training|simulation|planning|power|interface|ground|automation|recording|voice|coolant"
    r"|battery)\s+(?:sets?|systems?|units?|adapters?|stations?|devices?|services?|simulators?)$",
    re.I,
)
"""Ends of items that are SUPPORT although their last word alone could be a weapon."""

PREMODIFIERS = _words(
    """
    spare support tool technical engineering logistics logistical ground air program test repair operator
    contractor government unique classified unclassified internal external design aircrew aircraft day
    night surface special personnel initial hardware depot intermediate organizational operational engine
    airframe and or large
    """
)
"""Words before "and" that share the head behind it, as in "spare and repair parts" (guideline 2.9)."""

DESIGNATION = re.compile(
    r"(?<![\w$€£/.-])(?!(?:FY|USD|EUR|NT|TWD|GBP|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Block|Mod|MOD|Mach"
    r"|No)[ \d])"
    r"(?:AN/)?(?:(?:MK|Mk|Mark|Type)[ -]?\d[\w/.+()-]*(?<![.,(-])(?:\s(?:Mod|MOD)\s[\dA-Z/]+|\s\d[A-Z][\w()]*)*"
    r"|[A-Z][A-Za-z]{0,4}[-/]?\d[\w/.+()-]*(?<![.,(-])|[A-Z]{2,4}/[A-Z]{2,5}-\d\w*(?:/-\d+)?)(?<!\()"
)
"""A type designation: letters and figures joined, as in AN/TPS-77, F-16C/D, M777, AIM-120C-8."""

PROPER_WEAPONS = (
    "Javelin|HIMARS|Patriot|Stinger|HELLFIRE|Hellfire|Harpoon|Tomahawk|TOW|Maverick|Sidewinder|AMRAAM|Sparrow|Paveway"
    "|Black Hawk|Apache|APACHE|Chinook|Huey|Cobra|Super Cobra|Seahawk|Osprey|OSPREY|Hercules|Super Hercules|Globemaster"
    "|Poseidon|Hawkeye|Growler|Hornet|Super Hornet|Lightning|Viper|Raptor|Eagle|Rafale|Gripen|Eurofighter|Typhoon"
    "|Mirage"
    "|Tornado|Abrams|Bradley|Stryker|Leopard|Challenger|Merkava|Paladin|Caesar|CAESAR|Archer|Boxer|Puma|Lynx|Marder"
    "|Gepard|Iris-T|IRIS-T|NASAMS|THAAD|Aegis|AEGIS|Phalanx|BrahMos|Akash|Pinaka|Tejas|Spike|Iron Dome|David's Sling"
    "|Arrow|Barak|Bayraktar|Reaper|Predator|Global Hawk|ScanEagle|Switchblade|Storm Shadow|SCALP|Taurus|ATACMS|GMLRS"
    "|Excalibur|JDAM|JASSM|SDB|HARM|Exocet|Naval Strike Missile|Joint Strike Missile|Meteor|Mistral|Starstreak|NLAW"
    "|Hawk|HAWK|Sentinel|Longbow|LONGBOW|MILAN|Kalashnikov|Scorpene|Griffon|Jaguar|EMALS|AESA|SINCGARS|MIDS|GPS/INS"
    "|Guardian|Grizzly|Krab|Borsuk|Rosomak|Piorun|Grom|Kongsberg NASAMS|Bushmaster|Hawkei|Redback|Chunmoo|Cheongung"
    "|Altay"
)
"""Names that weapons go by without a designation; each also stands before a head noun."""

# Bodies ------------------------------------------------------------------------------------------------

FORCES = (
    r"(?:Armed Forces|Army|Navy|Air Force|Air and Space Force|Marine Corps|Marines|Coast Guard|National Guard"
    r"|Royal Guard"
    r"|Land Forces|Ground Forces|Naval Forces|Self-Defen[cs]e Forces?|Defen[cs]e Forces?|Air Defen[cs]e Forces?"
    r"|Territorial Defen[cs]e Forces?|Special Forces|Space Force|Aerospace Forces?|Border Guard|Air Corps)"
)
"""Names of services behind the name of a state; capitalised."""

COMMON_FORCES = r"(?:armed forces|military forces|air force|navy|army|marine corps|coast guard|troops|military|forces)"

MINISTRY = (
    r"(?:(?:[Mm]inistry|[Dd]epartment) of (?:National |Foreign )?(?:Defen[cs]e|Affairs|State|the Interior)"
    r"|(?:[Ff]oreign|[Dd]efen[cs]e|[Ii]nterior|[Ff]inance|[Bb]udget) (?:[Mm]inistry|department)|Foreign Ministry"
    r"|Defen[cs]e Ministry)"
)

TITLES = (
    r"(?:(?:Prime |Deputy |Foreign |Defen[cs]e |Vice |First |Interior )*(?:President|Minister|Secretary(?: of State"
    r"| of Defen[cs]e"
    r"| General)?|Chancellor|Premier|Senator|Sen\.|Rep\.|Congressman|Congresswoman|Ambassador|Governor|Speaker)"
    r"|(?:Lt\. |Lieutenant |Maj\. |Major |Brig\. |Brigadier |Vice |Rear )?(?:Gen\.|General|Adm\.|Admiral|Col\."
    r"|Colonel|Marshal"
    r"|Capt\.|Captain|Cmdr\.)|Mr\.|Ms\.|Mrs\.|Dr\.|Sir|spokes(?:man|woman|person)|analyst|officer|chief executive|CEO)"
)

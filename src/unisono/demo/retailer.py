"""The demo retailer as plain data: its locations, their hours and costs, and its channels.

Invented, but for the places: two warehouses, one third-party warehouse, and forty stores at the
largest French places that are at least 15 km apart, of which Paris has three. Coordinates are
those of the place (``data/SOURCES.md``), in Paris about the middle of the arrondissement. Money
is integer cents of euro. Its carriers are in ``carriers.py``.
"""

from dataclasses import dataclass
from datetime import time
from functools import cache
from typing import Literal

from unisono.demo.places import places

LocationKind = Literal["warehouse", "third_party", "store"]
ChannelKind = Literal["web_site", "app", "store_till", "marketplace", "call_centre"]

RETAILER_NAME = "Maison Unisono"
RETAILER_CONTACT = "service@maison-unisono.example"
CURRENCY = "EUR"
TIME_ZONE = "Europe/Paris"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """Open from ``opens`` to ``closes`` on one ISO weekday (Monday is 1), local time."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a location works; closed on the public holidays of a country (ISO 3166, mainland)."""

    code: str
    name: str
    hours: tuple[OpeningHours, ...]
    public_holidays_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationCost:
    """What it costs to make a parcel, and what the carriers take less for leaving from here."""

    pick_cents_per_line: int
    pack_cents_per_parcel: int
    shipping_discount_percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place that holds stock; ``calendar`` is the code of one of CALENDARS."""

    code: str
    name: str
    kind: LocationKind
    street: str
    postal_code: str
    city: str
    country_code: str
    latitude: float
    longitude: float
    time_zone: str
    calendar: str
    cost: PreparationCost


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where is sold; ``when_short`` says whether an order without stock is refused or accepted."""

    code: str
    name: str
    kind: ChannelKind
    currency: str
    when_short: Literal["refuse", "accept"]


MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(1, 8)


def _hours(weekdays: range, opens: int, closes: int) -> tuple[OpeningHours, ...]:
    return tuple(
        OpeningHours(weekday=weekday, opens=time(opens), closes=time(closes))
        for weekday in weekdays
    )


_MONDAY_TO_FRIDAY = range(MONDAY, SATURDAY)
_MONDAY_TO_SATURDAY = range(MONDAY, SUNDAY)
_TUESDAY_TO_SATURDAY = range(TUESDAY, SUNDAY)

CALENDARS = (
    Calendar(
        code="WAREHOUSE",
        name="Monday to Friday 6 to 20, Saturday morning",
        hours=_hours(_MONDAY_TO_FRIDAY, 6, 20) + _hours(range(SATURDAY, SUNDAY), 6, 12),
        public_holidays_of="FR",
    ),
    Calendar(
        code="THIRD-PARTY",
        name="Monday to Friday 7 to 19",
        hours=_hours(_MONDAY_TO_FRIDAY, 7, 19),
        public_holidays_of="FR",
    ),
    Calendar(
        code="STORE",
        name="Monday to Saturday 10 to 19",
        hours=_hours(_MONDAY_TO_SATURDAY, 10, 19),
        public_holidays_of="FR",
    ),
    Calendar(
        code="STORE-MONDAY-AFTERNOON",
        name="Tuesday to Saturday 10 to 19, Monday from 14",
        hours=_hours(range(MONDAY, TUESDAY), 14, 19) + _hours(_TUESDAY_TO_SATURDAY, 10, 19),
        public_holidays_of="FR",
    ),
    Calendar(
        code="STORE-SUNDAY",
        name="Monday to Saturday 10 to 19, Sunday 11 to 18",
        hours=_hours(_MONDAY_TO_SATURDAY, 10, 19) + _hours(range(SUNDAY, SUNDAY + 1), 11, 18),
        public_holidays_of="FR",
    ),
)

# Warehouses and stores cost what they cost in the generator that sourcing was studied with, so
# that results compare. A third party is between them: it prepares for a fee.
_COSTS: dict[LocationKind, PreparationCost] = {
    "warehouse": PreparationCost(
        pick_cents_per_line=45, pack_cents_per_parcel=70, shipping_discount_percent=8
    ),
    "third_party": PreparationCost(
        pick_cents_per_line=60, pack_cents_per_parcel=90, shipping_discount_percent=0
    ),
    "store": PreparationCost(
        pick_cents_per_line=125, pack_cents_per_parcel=150, shipping_discount_percent=0
    ),
}

CHANNELS = (
    Channel(code="web", name="Web shop", kind="web_site", currency=CURRENCY, when_short="refuse"),
    Channel(code="app", name="App", kind="app", currency=CURRENCY, when_short="refuse"),
    Channel(
        code="till", name="Store tills", kind="store_till", currency=CURRENCY, when_short="accept"
    ),
    Channel(
        code="marketplace",
        name="Marketplace",
        kind="marketplace",
        currency=CURRENCY,
        when_short="accept",
    ),
    Channel(
        code="call-centre",
        name="Call centre",
        kind="call_centre",
        currency=CURRENCY,
        when_short="refuse",
    ),
)

_CALENDAR_BY_KIND: dict[LocationKind, str] = {
    "warehouse": "WAREHOUSE",
    "third_party": "THIRD-PARTY",
    "store": "STORE",
}
_NAME_BEFORE: dict[LocationKind, str] = {
    "warehouse": "Entrepôt",
    "third_party": "Prestataire",
    "store": "Boutique",
}

# Kind, code, place, department, postal code, street. The stores are at the largest places that
# are at least 15 km from every larger one of the list.
_ADDRESSES: tuple[tuple[LocationKind, str, str, str, str, str], ...] = (
    ("warehouse", "W-ORLEANS", "Saran", "45", "45770", "12 Rue des Entrepôts"),
    ("warehouse", "W-LYON", "Saint-Priest", "69", "69800", "48 Avenue des Frères Montgolfier"),
    ("third_party", "P-LILLE", "Lesquin", "59", "59810", "7 Rue de la Plateforme"),
    ("store", "S-PARIS-RIVOLI", "Paris", "75", "75001", "96 Rue de Rivoli"),
    ("store", "S-PARIS-HAUSSMANN", "Paris", "75", "75009", "31 Boulevard Haussmann"),
    ("store", "S-PARIS-VAUGIRARD", "Paris", "75", "75015", "204 Rue de Vaugirard"),
    ("store", "S-MARSEILLE", "Marseille", "13", "13001", "61 La Canebière"),
    ("store", "S-LYON", "Lyon", "69", "69002", "73 Rue de la République"),
    ("store", "S-TOULOUSE", "Toulouse", "31", "31000", "42 Rue d'Alsace-Lorraine"),
    ("store", "S-NICE", "Nice", "06", "06000", "29 Avenue Jean Médecin"),
    ("store", "S-NANTES", "Nantes", "44", "44000", "14 Rue Crébillon"),
    ("store", "S-MONTPELLIER", "Montpellier", "34", "34000", "22 Rue de la Loge"),
    ("store", "S-STRASBOURG", "Strasbourg", "67", "67000", "35 Rue des Grandes Arcades"),
    ("store", "S-BORDEAUX", "Bordeaux", "33", "33000", "118 Rue Sainte-Catherine"),
    ("store", "S-LILLE", "Lille", "59", "59000", "27 Rue de Béthune"),
    ("store", "S-RENNES", "Rennes", "35", "35000", "9 Rue Le Bastard"),
    ("store", "S-TOULON", "Toulon", "83", "83000", "18 Rue d'Alger"),
    ("store", "S-REIMS", "Reims", "51", "51100", "52 Rue de Vesle"),
    ("store", "S-SAINT-ETIENNE", "Saint-Étienne", "42", "42000", "16 Rue Gambetta"),
    ("store", "S-LE-HAVRE", "Le Havre", "76", "76600", "83 Rue de Paris"),
    ("store", "S-DIJON", "Dijon", "21", "21000", "40 Rue de la Liberté"),
    ("store", "S-ANGERS", "Angers", "49", "49000", "11 Rue Lenepveu"),
    ("store", "S-GRENOBLE", "Grenoble", "38", "38000", "5 Rue de Bonne"),
    ("store", "S-NIMES", "Nîmes", "30", "30000", "24 Rue de l'Aspic"),
    ("store", "S-AIX", "Aix-en-Provence", "13", "13100", "33 Cours Mirabeau"),
    ("store", "S-CLERMONT", "Clermont-Ferrand", "63", "63000", "17 Rue du Onze Novembre"),
    ("store", "S-LE-MANS", "Le Mans", "72", "72000", "8 Rue des Minimes"),
    ("store", "S-BREST", "Brest", "29", "29200", "65 Rue de Siam"),
    ("store", "S-TOURS", "Tours", "37", "37000", "56 Rue Nationale"),
    ("store", "S-AMIENS", "Amiens", "80", "80000", "21 Rue des Trois Cailloux"),
    ("store", "S-ANNECY", "Annecy", "74", "74000", "13 Rue Carnot"),
    ("store", "S-LIMOGES", "Limoges", "87", "87000", "19 Rue du Clocher"),
    ("store", "S-METZ", "Metz", "57", "57000", "44 Rue Serpenoise"),
    ("store", "S-PERPIGNAN", "Perpignan", "66", "66000", "6 Rue de l'Ange"),
    ("store", "S-BESANCON", "Besançon", "25", "25000", "77 Grande Rue"),
    ("store", "S-ROUEN", "Rouen", "76", "76000", "58 Rue du Gros-Horloge"),
    ("store", "S-ORLEANS", "Orléans", "45", "45000", "30 Rue Royale"),
    ("store", "S-CAEN", "Caen", "14", "14000", "47 Rue Saint-Pierre"),
    ("store", "S-MULHOUSE", "Mulhouse", "68", "68100", "26 Rue du Sauvage"),
    ("store", "S-NANCY", "Nancy", "54", "54000", "38 Rue Saint-Dizier"),
    ("store", "S-AVIGNON", "Avignon", "84", "84000", "20 Rue de la République"),
    ("store", "S-POITIERS", "Poitiers", "86", "86000", "10 Rue Gambetta"),
    ("store", "S-VERSAILLES", "Versailles", "78", "78000", "15 Rue de la Paroisse"),
)

_OPEN_ON_SUNDAY = frozenset({"S-PARIS-RIVOLI", "S-PARIS-HAUSSMANN", "S-NICE", "S-BORDEAUX"})
_CLOSED_MONDAY_MORNING = frozenset(
    {"S-LE-MANS", "S-LIMOGES", "S-PERPIGNAN", "S-BESANCON", "S-AVIGNON", "S-POITIERS"}
)


# By postal code: the name of the store, latitude and longitude.
_PARIS_STORES = {
    "75001": ("Paris Rivoli", 48.8626, 2.3363),
    "75009": ("Paris Haussmann", 48.8770, 2.3373),
    "75015": ("Paris Vaugirard", 48.8401, 2.2929),
}


@cache
def locations() -> tuple[Location, ...]:
    """Give all 43 locations: warehouses, the third party, then stores, the largest place first."""
    coordinates = {
        (place.name, place.department): (place.latitude, place.longitude) for place in places()
    }
    located = []
    for kind, code, city, department, postal_code, street in _ADDRESSES:
        name, latitude, longitude = _PARIS_STORES.get(
            postal_code, (city, *coordinates[city, department])
        )
        located.append(
            Location(
                code=code,
                name=f"{_NAME_BEFORE[kind]} {name}",
                kind=kind,
                street=street,
                postal_code=postal_code,
                city=city,
                country_code="FR",
                latitude=latitude,
                longitude=longitude,
                time_zone=TIME_ZONE,
                calendar=_calendar_of(kind, code),
                cost=_COSTS[kind],
            )
        )
    return tuple(located)


def _calendar_of(kind: LocationKind, code: str) -> str:
    if code in _OPEN_ON_SUNDAY:
        return "STORE-SUNDAY"
    if code in _CLOSED_MONDAY_MORNING:
        return "STORE-MONDAY-AFTERNOON"
    return _CALENDAR_BY_KIND[kind]

"""French places, and customers drawn from them by population. Source: ``data/SOURCES.md``.

The people are invented: common names, e-mail at example.org (RFC 2606), telephone numbers from
the range 06 39 98 xx xx that ARCEP keeps for fiction.
"""

import csv
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import ArrayLike, NDArray

EARTH_RADIUS_KM = 6371.0
PHONES_OF_FICTION = 10_000
HOUSE_NUMBER_MAX = 120

GIVEN_NAMES = (
    *("Adèle", "Amina", "Antoine", "Aurélie", "Baptiste", "Camille", "Céline", "Chloé", "Damien"),
    *("Élodie", "Émile", "Fatima", "Florian", "François", "Gaëlle", "Hélène", "Hugo", "Inès"),
    *("Jules", "Karim", "Léa", "Loïc", "Lucie", "Manon", "Mathieu", "Mehdi", "Nadia", "Noémie"),
    *("Olivier", "Pauline", "Raphaël", "Sofia", "Théo", "Valérie", "Yann", "Zoé"),
)
FAMILY_NAMES = (
    *("Bernard", "Bertrand", "Blanc", "Bonnet", "Chevalier", "Clément", "David", "Dubois"),
    *("Dupont", "Durand", "Faure", "Fontaine", "Fournier", "François", "Garcia", "Garnier"),
    *("Gauthier", "Girard", "Guérin", "Henry", "Lambert", "Laurent", "Le Goff", "Lefèvre"),
    *("Legrand", "Leroy", "Martin", "Mercier", "Michel", "Moreau", "Morel", "Muller", "Nguyen"),
    *("Perrin", "Petit", "Richard", "Robert", "Robin", "Rousseau", "Roux", "Simon", "Thomas"),
)
STREETS = (
    *("Rue de la République", "Rue Victor Hugo", "Avenue Jean Jaurès", "Rue Pasteur"),
    *("Rue du Général de Gaulle", "Place de l'Église", "Rue des Écoles", "Rue de la Gare"),
    *("Boulevard Gambetta", "Rue Jules Ferry", "Chemin des Vignes", "Rue du Moulin"),
    *("Allée des Tilleuls", "Rue Émile Zola", "Impasse des Lilas", "Quai de la Fontaine"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A commune; name and department together name it, for four names occur twice.

    Latitude and longitude are degrees of WGS 84; ``postal_code`` is the main one of the
    ``postal_codes``.
    """

    name: str
    department: str
    postal_code: str
    postal_codes: tuple[str, ...]
    population: int
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A person at an address; the coordinates are those of the place."""

    recipient: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country_code: str
    latitude: float
    longitude: float


@cache
def places() -> tuple[Place, ...]:
    """Give all places, the largest first: metropolitan France and Corsica, nothing overseas."""
    text = resources.files("unisono.demo").joinpath("data", "places.csv").read_text("utf-8")
    return tuple(
        Place(
            name=row["name"],
            department=row["department"],
            postal_code=row["postal_code"],
            postal_codes=tuple(row["postal_codes"].split("|")),
            population=int(row["population"]),
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def distance_km(
    from_latitude: ArrayLike, from_longitude: ArrayLike, latitude: ArrayLike, longitude: ArrayLike
) -> NDArray[np.float64]:
    """Give great-circle kilometres by the haversine formula; degrees in, arrays broadcast."""
    phi, other_phi = np.radians(from_latitude), np.radians(latitude)
    half_north = np.sin((other_phi - phi) / 2)
    half_east = np.sin(np.radians(np.subtract(longitude, from_longitude)) / 2)
    chord = half_north**2 + np.cos(phi) * np.cos(other_phi) * half_east**2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord)))


class Destinations:
    """An endless series of customers, drawn by population.

    The same seed gives the same series, however it is cut into draws: each destination takes
    the same count of random numbers.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        populations = np.array([place.population for place in places()])
        self._upper_bounds = np.cumsum(populations) / populations.sum()

    def draw(self, count: int) -> tuple[Destination, ...]:
        """Give the next ``count`` destinations."""
        numbers = self._random.random((count, 8))
        at = np.searchsorted(self._upper_bounds, numbers[:, 0], side="right")
        return tuple(
            _destination(places()[place], row)
            for place, row in zip(at.tolist(), numbers[:, 1:].tolist(), strict=True)
        )


def _destination(place: Place, numbers: list[float]) -> Destination:
    """Make a destination of seven numbers from 0 (included) to 1 (not included)."""
    of_code, of_given, of_family, of_email, of_phone, of_street, of_house = numbers
    given = _one_of(GIVEN_NAMES, of_given)
    family = _one_of(FAMILY_NAMES, of_family)
    return Destination(
        recipient=f"{given} {family}",
        email=f"{_folded(given)}.{_folded(family)}{int(of_email * 1000):03d}@example.org",
        phone=f"+3363998{int(of_phone * PHONES_OF_FICTION):04d}",
        street=f"{1 + int(of_house * HOUSE_NUMBER_MAX)} {_one_of(STREETS, of_street)}",
        postal_code=_one_of(place.postal_codes, of_code),
        city=place.name,
        country_code="FR",
        latitude=place.latitude,
        longitude=place.longitude,
    )


def _one_of(choices: tuple[str, ...], number: float) -> str:
    return choices[int(number * len(choices))]


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")

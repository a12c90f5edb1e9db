"""Markets: what an address must hold there, and who must give an organization registration number (rule 12).

Source: Partner Center docs, pages create-a-customer, customer-resources, validate-an-address and error-codes
(Oct 2023); the wire form of the country rules was recorded in 2019. Postal codes, cultures and calling codes of a
market not listed below are left open (impl.).
"""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request

from cspctl.emulator.context import Answer, Context, RouteSpec
from cspctl.emulator.errors import ApiError
from cspctl.emulator.settings import Settings

_REGISTRATION_TEXT = "AM AZ BY HU IN KZ KG MD RU TJ UZ UA BR ZA PL AE SA TR TH VN MM IQ SS VE"
REGISTRATION_MARKETS = frozenset(_REGISTRATION_TEXT.split())
_AMERICAN_TEXT = "AG AR BB BO BR BS BZ CA CL CO CR CU DM DO EC GT GY HN HT JM MX NI PA PE PY SV US UY VE"
_AMERICAS = frozenset(_AMERICAN_TEXT.split())
_MARKET_TEXT = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FK FM FO FR GA GB GD GE GF
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IS IT JE JM JO JP KE KG KH KI KM KN
KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SE SG SH SI
SJ SK SL SM SN SO SR SS ST SV SX SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI
VN VU WF WS XK YE YT ZA ZM ZW
"""
_STATE_TEXT = """
US AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
US RI SC SD TN TX UT VT VA WA WV WI WY AA AE AP AS FM GU MH MP PR PW VI
CA AB BC MB NB NL NS NT NU ON PE QC SK YT
CN AH BJ CQ FJ GD GS GX GZ HA HB HE HI HL HN JL JS JX LN NM NX QH SC SD SH SN SX TJ XJ XZ YN ZJ
MX AG BC BS CM CS CH CO CL DF DG GT GR HG JA EM MI MO NA NL OA PU QT QR SL SI SO TB TM TL VE YU ZA
"""


def _states() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in _STATE_TEXT.split("\n"):
        market, *codes = line.split() or [""]
        if market:
            found.setdefault(market, []).extend(codes)
    return found


_CODES = frozenset(_MARKET_TEXT.split())
STATES = _states()
# market → (default culture, calling code, postal code expression); an empty expression: no postal code there
_MARKETS = {
    "AE": ("ar-AE", "971", ""),
    "AT": ("de-AT", "43", r"^\d{4}$"),
    "AU": ("en-AU", "61", r"^\d{4}$"),
    "BE": ("nl-BE", "32", r"^\d{4}$"),
    "BR": ("pt-BR", "55", r"^\d{5}-?\d{3}$"),
    "CA": ("en-CA", "1", r"^[A-Za-z]\d[A-Za-z] ?\d[A-Za-z]\d$"),
    "CH": ("de-CH", "41", r"^\d{4}$"),
    "CN": ("zh-CN", "86", r"^\d{6}$"),
    "CZ": ("cs-CZ", "420", r"^\d{3} ?\d{2}$"),
    "DE": ("de-DE", "49", r"^\d{5}$"),
    "DK": ("da-DK", "45", r"^\d{4}$"),
    "ES": ("es-ES", "34", r"^\d{5}$"),
    "FI": ("fi-FI", "358", r"^\d{5}$"),
    "FR": ("fr-FR", "33", r"^\d{5}$"),
    "GB": ("en-GB", "44", r"^[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2}$"),
    "HK": ("zh-HK", "852", ""),
    "HU": ("hu-HU", "36", r"^\d{4}$"),
    "IN": ("en-IN", "91", r"^\d{6}$"),
    "IT": ("it-IT", "39", r"^\d{5}$"),
    "JP": ("ja-JP", "81", r"^\d{3}-?\d{4}$"),
    "MX": ("es-MX", "52", r"^\d{5}$"),
    "NL": ("nl-NL", "31", r"^\d{4} ?[A-Za-z]{2}$"),
    "NO": ("nb-NO", "47", r"^\d{4}$"),
    "NZ": ("en-NZ", "64", r"^\d{4}$"),
    "PL": ("pl-PL", "48", r"^\d{2}-?\d{3}$"),
    "PT": ("pt-PT", "351", r"^\d{4}(-\d{3})?$"),
    "RU": ("ru-RU", "7", r"^\d{6}$"),
    "SE": ("sv-SE", "46", r"^\d{3} ?\d{2}$"),
    "TR": ("tr-TR", "90", r"^\d{5}$"),
    "UA": ("uk-UA", "380", r"^\d{5}$"),
    "US": ("en-US", "1", r"^\d{5}(-\d{4})?$"),
    "ZA": ("en-ZA", "27", r"^\d{4}$"),
}
PHONE = r"^\+?[0-9()\- .]{4,20}$"  # (impl.)


def is_market(code: str) -> bool:
    """Whether this is a two-letter country code in upper case."""
    return code in _CODES


def postal_code_of(code: str) -> str:
    """The expression a postal code must match there; empty when the market has none or it is not known."""
    return _MARKETS[code][2] if code in _MARKETS else ""


def registration_format(code: str, settings: Settings) -> str:
    """The expression an organization registration number must match in a market that demands one."""
    return settings.registration_formats.get(code, settings.registration_format)


def _sample(code: str, settings: Settings) -> str:
    """A number of the market's form: the shortest row of digits that fits."""
    digits = "12345678901234567890"
    fitting = (
        digits[:length] for length in range(1, 21) if re.fullmatch(registration_format(code, settings), digits[:length])
    )
    return next(fitting, "")


def is_culture(text: str) -> bool:
    """Whether `text` joins a language of some market and a market, like `de-DE`; which texts exist is on no page."""
    language, _, market = text.partition("-")
    return is_market(market) and language in {culture[:2] for culture, *_ in _MARKETS.values()}


def rules_of(code: str, settings: Settings) -> dict[str, Any]:
    """The country rules on the wire."""
    culture, calling, postal = _MARKETS.get(code, ("en-US", "", ""))
    demanded = code in REGISTRATION_MARKETS
    return {
        "iso2Code": code,
        "defaultCulture": culture,
        "isStateRequired": code in STATES,
        "supportedStatesList": STATES.get(code, []),
        "supportedLanguagesList": sorted({"en", culture[:2]}),
        "supportedCulturesList": sorted({"en-US", culture}),
        "isPostalCodeRequired": bool(postal),
        "postalCodeRegex": postal,
        "isCityRequired": True,
        "isVatIdSupported": False,
        "phoneNumberRegex": PHONE,
        "isTaxIdSupported": False,
        "isTaxIdOptional": True,
        "countryCallingCodesList": [calling] if calling else [],
        "customerOrganizationRegistrationNumberRegex": registration_format(code, settings) if demanded else None,
        "customerOrganizationRegistrationNumberSample": _sample(code, settings) if demanded else None,
        "customerOrganizationRegistrationNumberRequired": demanded,
        "customerOrganizationPhoneNumberRequired": demanded,
        "attributes": {"objectType": "CountryValidationRules"},
    }


def nested_rules_of(code: str, settings: Settings) -> dict[str, Any]:
    """The form of the page's sample: lists inside `value`, and what the recorded answer does not have (impl.)."""
    rules = rules_of(code, settings)
    lists = {"states": "supportedStatesList", "supportedLanguages": "supportedLanguagesList",
             "supportedCultures": "supportedCulturesList",
             "countryCallingCodes": "countryCallingCodesList"}  # fmt: skip  # one table
    return {
        **{key: value for key, value in rules.items() if key not in lists.values()},
        **{name: {"value": rules[recorded]} for name, recorded in lists.items()},
        "taxIdFormat": f"{code}######",
        "taxIdSample": f"{code}999965",
        "isRegistrationNumberSupported": code in REGISTRATION_MARKETS,
        "resellerAgreementRegion": "AOC" if code in _AMERICAS else "EOC",
        "geographicRegion": "NorthAndLatinAmerica" if code in _AMERICAS else "EuropeMiddleEastAfrica",
        "attributes": {"objectType": "CountryInformation"},
    }


async def get_rules(request: Request, ctx: Context) -> Answer:
    code = request.path_params["country"].upper()
    if not is_market(code):
        raise ApiError(400, 800002, f"Invalid request input: {request.path_params['country']} is no country code.")
    nested = ctx.settings.country_rules_form == "documented"
    return Answer(200, (nested_rules_of if nested else rules_of)(code, ctx.settings))


ROUTES: list[RouteSpec] = [
    RouteSpec("GET", "/v1/countryvalidationrules/{country}", get_rules, name="Get country validation rules"),
]

"""The language codes of templates, and the one that fits what a list says of a person. Pure.

Source: Meta's page on supported languages for message templates. The list may grow, so an unknown code is a warning.
"""

from collections.abc import Iterable

LANGUAGES = frozenset(
    (
        *("af", "ar", "ar_AE", "ar_EG", "ar_LB", "ar_MA", "ar_QA", "az", "be_BY", "bg", "bn", "bn_IN", "ca", "cs"),
        *("da", "de", "de_AT", "de_CH", "el", "en", "en_AE", "en_AU", "en_CA", "en_GB", "en_GH", "en_IE", "en_IN"),
        *("en_JM", "en_MY", "en_NZ", "en_QA", "en_SG", "en_UG", "en_US", "en_ZA", "es", "es_AR", "es_CL", "es_CO"),
        *("es_CR", "es_DO", "es_EC", "es_ES", "es_HN", "es_MX", "es_PA", "es_PE", "es_UY", "et", "fa", "fi", "fil"),
        *("fr", "fr_BE", "fr_CA", "fr_CH", "fr_CI", "fr_MA", "ga", "gu", "ha", "he", "hi", "hr", "hu", "id", "it"),
        *("ja", "ka", "kk", "kn", "ko", "ky_KG", "lo", "lt", "lv", "mk", "ml", "mr", "ms", "nb", "nl", "nl_BE"),
        *("pa", "pl", "prs_AF", "ps_AF", "pt_BR", "pt_PT", "ro", "ru", "rw_RW", "si_LK", "sk", "sl", "sq", "sr"),
        *("sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "zh_CN", "zh_HK", "zh_TW", "zu"),
    )
)


def fitting(said: str, known: Iterable[str]) -> str | None:
    """The code of `known` that is meant: the same (`es-mx` is `es_MX`), else the only one of that language.

    returns  None where none fits or several would: `es` when there are es_MX and es_AR
    """
    wanted = said.strip().replace("-", "_").lower()
    if not wanted:
        return None
    codes = {code.lower(): code for code in known}
    if wanted in codes:
        return codes[wanted]
    language = wanted.partition("_")[0]
    # A template in plain es is for everybody who speaks it; one for es_AR is not meant for somebody in es_MX.
    if language in codes:
        return codes[language]
    same = [code for key, code in codes.items() if key.partition("_")[0] == language]
    return same[0] if len(same) == 1 and "_" not in wanted else None

"""The demonstration's identity providers, as the site knows them: one for citizens, one for staff, both made by `civic idp`."""

from civic.demo.idp import CLIENT_ID, CLIENT_SECRET
from civic.people.providers import GroupGrant, Provider, ProviderKind
from config import Config


def providers(config: Config) -> tuple[Provider, ...]:
    """List them at the address where `civic serve` starts them."""
    return (
        Provider(
            id="eid",
            kind=ProviderKind.CITIZEN,
            label_it="SPID o CIE (di prova)",
            label_en="SPID or CIE (trial)",
            issuer=f"{config.idp_url}/eid",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        ),
        Provider(
            id="personale",
            kind=ProviderKind.STAFF,
            label_it="Accesso del personale (di prova)",
            label_en="Staff sign-in (trial)",
            issuer=f"{config.idp_url}/personale",
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            scope="openid profile email",
            groups={
                "partecipazione-redazione": (GroupGrant("editor"),),
                "partecipazione-sportello-q1": (GroupGrant("quartiere", "Q1"),),
            },
        ),
    )

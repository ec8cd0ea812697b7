"""The editors' inbox over a hundred thousand voices: each filter, its time and its queries."""

from pathlib import Path

from tools.bench import databases, register, town
from tools.bench.inside import TIMES, Inside

VOICES = 100_000
# Query strings of the inbox, in the order of the table. A filter of the page that is not here is not measured.
QUERIES = (
    "",
    "pagina=2",
    "pagina=1000",
    "tutte=1",
    f"ufficio={town.OFFICES[3]}",
    f"ufficio={town.OFFICES[3]}&tutte=1",
    f"tema={town.THEMES[3]}",
    f"servizio={town.SERVICES[3]}",
    f"quartiere={town.QUARTIERI[3]}",
    "urgenza=high",
    "origine=letter",
    "da_leggere=1",
    "in_ritardo=1",
    f"ufficio={town.OFFICES[3]}&in_ritardo=1",
    f"ufficio={town.OFFICES[3]}&tema={town.THEMES[3]}&urgenza=high",
)


def report(name: str, url: str, folder: Path) -> list[str]:
    """Fill the register of an empty database, read the inbox with each filter, and return the table."""
    print(f"{name}: {VOICES:,} voices", flush=True)
    key = town.build(url)
    inside = Inside(url, folder, key=key)
    register.add_voices(inside.database, count=VOICES)
    databases.settle(url)
    lines = [
        f"### {name}, the editors' inbox over {VOICES:,} voices",
        "",
        "| address | ms | queries |",
        "| --- | --- | --- |",
    ]
    for query in QUERIES:
        visit = inside.visit(f"/desk/voci?{query}" if query else "/desk/voci")
        lines.append(f"| `/desk/voci{'?' + query if query else ''}` | {visit.ms:.1f} | {visit.queries} |")
    inside.close()
    return [*lines, "", f"Medians of {TIMES} readings, without a server between. Half of the voices wait for an answer.", ""]

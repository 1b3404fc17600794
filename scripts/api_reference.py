#!/usr/bin/env python3
"""Prints docs/api.md, made from src/http/openapi.json: scripts/api_reference.py >docs/api.md. A test compares the two."""

import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
METHODS = ("get", "post", "patch", "put", "delete")


def named(reference):
    return reference.rsplit("/", 1)[-1]


def kind(schema):
    """A schema in a few words."""
    if "$ref" in schema:
        name = named(schema["$ref"])
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return " or ".join(kind(one) for one in schema[several])
    if "allOf" in schema:
        return " and ".join(kind(one) for one in schema["allOf"])
    types = schema.get("type", "any")
    types = types if isinstance(types, list) else [types]
    words = []
    for one in types:
        if one == "array":
            words.append("list of " + kind(schema.get("items", {})))
        else:
            words.append(one)
    text = " or ".join(words)
    if "minimum" in schema and "maximum" in schema:
        text += f", {schema['minimum']} to {schema['maximum']}"
    if "default" in schema:
        text += f", default `{json.dumps(schema['default'])}`"
    return text


def cell(text):
    return " ".join((text or "").split()).replace("|", "\\|")


def row(*cells):
    return "| " + " | ".join(cells) + " |"


def properties(schema):
    lines = [row("field", "type", "meaning"), row("---", "---", "---").replace(" ", "")]
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        lines.append(row(f"`{name}`" + (" (needed)" if name in required else ""), kind(one), cell(one.get("description"))))
    return lines


def operation(path, method, one):
    lines = ["", f"### {method.upper()} {path}", "", one["summary"] + ".", ""]
    if one.get("description"):
        lines += [one["description"], ""]
    if one.get("parameters"):
        lines += [row("parameter", "in", "type", "meaning"), "|---|---|---|---|"]
        for parameter in one["parameters"]:
            needed = " (needed)" if parameter.get("required") and parameter["in"] != "path" else ""
            lines.append(row(f"`{parameter['name']}`{needed}", parameter["in"], kind(parameter["schema"]),
                             cell(parameter.get("description") or parameter["schema"].get("description"))))
        lines.append("")
    if "requestBody" in one:
        content = next(iter(one["requestBody"]["content"].values()))
        lines += ["Body: " + kind(content["schema"]) + ".", ""]
    answers = []
    for code, answer in one["responses"].items():
        if "$ref" in answer:
            answers.append(code)
            continue
        content = next(iter(answer.get("content", {}).items()), None)
        words = cell(answer.get("description")).rstrip(".")
        if content and "schema" in content[1] and "$ref" in content[1]["schema"]:
            words += ": " + kind(content[1]["schema"])
        lines.append(f"- {code}: {words}")
    if answers:
        lines.append("- " + ", ".join(answers) + ": a [problem](#problem)")
    return lines


def page(api):
    lines = ["# The HTTP API", "", "<!-- Made by scripts/api_reference.py from src/http/openapi.json: change it there. -->", "",
             api["info"]["summary"] + " " + "The service listens where `http.listen` says; the file that this page is made of is served at `/api/v1/openapi.json`.",
             "", api["info"]["description"], "",
             row("request", "what it does"), "|---|---|"]
    operations = [(path, method, one) for path, methods in api["paths"].items() for method, one in methods.items() if method in METHODS]
    for path, method, one in operations:
        anchor = f"{method} {path}".lower()
        anchor = "".join(c for c in anchor if c.isalnum() or c in " -_").replace(" ", "-")
        lines.append(row(f"[{method.upper()} {path}](#{anchor})", one["summary"]))
    for tag in dict.fromkeys(one["tags"][0] for _, _, one in operations):
        lines += ["", f"## {tag}"]
        for path, method, one in operations:
            if one["tags"][0] == tag:
                lines += operation(path, method, one)
    lines += ["", "## Types"]
    for name, schema in api["components"]["schemas"].items():
        lines += ["", f"### {name}", ""]
        if schema.get("description"):
            lines += [schema["description"], ""]
        lines += properties(schema) if schema.get("properties") else [kind(schema).capitalize() + "."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with open(os.path.join(ROOT, "src/http/openapi.json"), encoding="utf-8") as file:
        print(page(json.load(file)), end="")

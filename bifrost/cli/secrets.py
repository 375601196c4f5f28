"""`bifrost secrets`: the encrypted secrets of the catalog, and their key."""

from typing import Annotated

import typer

from bifrost.cli.session import print_json, print_line, print_table

app = typer.Typer(help="List the encrypted secrets of the catalog, and change their key.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_secrets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the names of the kept secrets and whether the key opens them; never their values."""
    from bifrost.errors import SecretKeyUnusable

    vault = context.obj.project.vault
    listed = []
    for name in sorted(vault.catalog.secrets()):
        try:
            vault.open(name)
            problem = ""
        except SecretKeyUnusable as error:
            problem = error.reason
        listed.append({"name": name, "problem": problem})
    if as_json:
        print_json({"key": vault.keys.place, "secrets": listed})
        return
    print_line(f"key: {vault.keys.place}")
    print_table(("name", "problem"), ([each["name"], each["problem"]] for each in listed))


@app.command()
def rotate(context: typer.Context, as_json: AsJson = False) -> None:
    """Encrypt all kept secrets with a new key; of a key in the environment the first one is taken."""
    vault = context.obj.project.vault
    count = vault.rotate()
    if as_json:
        print_json({"key": vault.keys.place, "secrets": count})
        return
    print_line(f"{count} secrets are encrypted with the first key in {vault.keys.place}")
    print_line("the earlier keys stay behind it for backups of the catalog; take them out when no backup needs them")


@app.command("new-key")
def new_key(context: typer.Context, as_json: AsJson = False) -> None:
    """Make a key in place of a lost one; secrets that it does not open must be given again."""
    from bifrost.errors import AlreadyThere

    vault = context.obj.project.vault
    if vault.keys.exists:
        raise AlreadyThere("key", vault.keys.place, "change it with 'bifrost secrets rotate'")
    vault.keys.make()
    if as_json:
        print_json({"key": vault.keys.place})
    else:
        print_line(f"made a key in {vault.keys.place}; keep it out of what is backed up with the catalog")

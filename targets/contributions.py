from core.audit import declare

declare(("target.set", "set a target"))

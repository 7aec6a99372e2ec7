"""The yardstick: an aiohttp handler that reads the body and returns a fixed answer of 400 bytes."""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

ANSWER = b"x" * 400


async def answer(request: web.Request) -> web.Response:
    """Read everything, answer the same."""
    await request.read()
    return web.Response(body=ANSWER, content_type="text/xml")


async def main() -> None:
    """Serve on a free port until standard input ends."""
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"ready http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())

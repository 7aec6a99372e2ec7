"""The yardstick: an aiohttp handler that reads the body and returns a fixed answer of 400 bytes.

Arguments: `uvloop` for that event loop; a port to share with other processes (0: a free one).
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import web

ANSWER = b"x" * 400


async def answer(request: web.Request) -> web.Response:
    """Read the whole body, and always return the same answer."""
    await request.read()
    return web.Response(body=ANSWER, content_type="text/xml")


async def main(port: int) -> None:
    """Serve until standard input ends."""
    application = web.Application(client_max_size=2**26)
    application.router.add_route("*", "/{tail:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, reuse_port=port > 0).start()
    sys.stdout.write(f"ready http://127.0.0.1:{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    words = sys.argv[1:]
    work = main(next((int(word) for word in words if word.isdigit()), 0))
    if "uvloop" in words:
        import uvloop

        uvloop.run(work)
    else:
        asyncio.run(work)

"""Misbehaves for so many seconds: attack.py TARGET SECONDS SEED, where TARGET is `Target` as JSON. A process of its own.

Prints at its end how often it tried what, as JSON.
"""

import asyncio
import json
import logging
import random
import ssl
import sys
import time

from clients import FAULTS, Target

AT_ONCE = 24


async def attack(target: Target, until: float, told: dict[str, int]) -> None:
    while time.monotonic() < until:
        fault = random.choice(FAULTS)
        told[fault.__name__] = told.get(fault.__name__, 0) + 1
        try:
            async with asyncio.timeout(20):
                await fault(target)
        except (OSError, EOFError, ssl.SSLError, TimeoutError, asyncio.LimitOverrunError):
            # To be refused is what they are there for.
            await asyncio.sleep(0.05)


async def main() -> None:
    target, until = Target(**json.loads(sys.argv[1])), time.monotonic() + float(sys.argv[2])
    random.seed(int(sys.argv[3]))
    told: dict[str, int] = {}
    # Writing to who has hung up is no news here.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    logging.disable()
    await asyncio.gather(*(attack(target, until, told) for _ in range(AT_ONCE)))
    print(json.dumps(told))


asyncio.run(main())

"""How does the robot let go of a call towards a person, and how does it say good-bye?"""

from ivr.dialogue.rooms import Rooms
from ivr.line import Destination, Line, To


async def hand_over(line: Line, rooms: Rooms, wording: str, reason: str) -> None:
    """Say one short sentence and give the caller to the operators, at the place held since arrival."""
    await line.say(rooms.wording[wording], interruptible=False)
    await line.transfer(Destination(To.QUEUE, reason=reason))


async def say_goodbye(line: Line, rooms: Rooms) -> None:
    await line.say(rooms.wording["farewell"], interruptible=False)
    await line.transfer(Destination(To.BYE, reason="answered"))

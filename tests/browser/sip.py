"""Would Asterisk take this password?  One REGISTER that binds nothing, over the WebSocket browsers use."""

import hashlib
import re
import secrets

from aiohttp import ClientSession

DOMAIN = "hotline.invalid"


async def would_register(port: int, user: str, password: str) -> bool:
    """A REGISTER without a Contact only asks; it is answered 200 when the password is right."""
    async with ClientSession() as http, http.ws_connect(f"ws://127.0.0.1:{port}/ws", protocols=("sip",)) as socket:
        await socket.send_str(_register(user, 1))
        challenge = (await socket.receive_str(timeout=5)).replace("\r\n ", " ")
        assert challenge.startswith("SIP/2.0 401"), challenge.partition("\r\n")[0]
        offered = re.search(r"WWW-Authenticate: Digest (.*)", challenge, re.IGNORECASE)
        assert offered is not None
        await socket.send_str(_register(user, 2, _answer(offered[1], user, password)))
        return (await socket.receive_str(timeout=5)).startswith("SIP/2.0 200")


def _register(user: str, sequence: int, authorization: str = "") -> str:
    lines = [
        f"REGISTER sip:{DOMAIN} SIP/2.0",
        f"Via: SIP/2.0/WS test.invalid;branch=z9hG4bK{secrets.token_hex(6)}",
        f"From: <sip:{user}@{DOMAIN}>;tag=test",
        f"To: <sip:{user}@{DOMAIN}>",
        f"Call-ID: {user}-asks",
        f"CSeq: {sequence} REGISTER",
        "Max-Forwards: 70",
        *([f"Authorization: {authorization}"] if authorization else []),
        "Content-Length: 0",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def _answer(offered: str, user: str, password: str) -> str:
    """Digest access authentication (RFC 8760), qop auth."""
    given = {m[1].lower(): m[2] or m[3] for m in re.finditer(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', offered)}
    algorithm = given.get("algorithm", "MD5")
    digest = hashlib.sha256 if algorithm.upper() == "SHA-256" else hashlib.md5

    def h(text: str) -> str:
        return digest(text.encode()).hexdigest()

    uri, cnonce, count = f"sip:{DOMAIN}", secrets.token_hex(8), "00000001"
    secret = h(f"{user}:{given['realm']}:{password}")
    response = h(f"{secret}:{given['nonce']}:{count}:{cnonce}:auth:{h(f'REGISTER:{uri}')}")
    opaque = f', opaque="{given["opaque"]}"' if "opaque" in given else ""
    return (
        f'Digest username="{user}", realm="{given["realm"]}", nonce="{given["nonce"]}", uri="{uri}", '
        f'response="{response}", algorithm={algorithm}, cnonce="{cnonce}", nc={count}, qop=auth{opaque}'
    )

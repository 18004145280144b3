"""Which address leads where in the knowledge?"""

from aiohttp import web

from agent_console import (
    knowledge_article,
    knowledge_call,
    knowledge_due,
    knowledge_exchange,
    knowledge_gate,
    knowledge_hits,
    knowledge_list,
    knowledge_misses,
    knowledge_try,
    knowledge_voice,
)

ONE = r"/knowledge/{article:[\w.-]{1,32}}"

ROUTES: list[web.AbstractRouteDef] = [
    web.get("/knowledge", knowledge_list.show),
    web.get("/knowledge/new", knowledge_article.form_page),
    web.post("/knowledge/new", knowledge_article.save),
    web.get("/knowledge/voice", knowledge_voice.listen),
    web.post("/knowledge/preview", knowledge_voice.preview),
    web.get("/knowledge/try", knowledge_try.show),
    web.post("/knowledge/hear", knowledge_try.hear),
    web.post("/knowledge/golden", knowledge_try.decide),
    web.get("/knowledge/misses", knowledge_misses.show),
    web.post("/knowledge/misses/look", knowledge_misses.look),
    web.get(r"/knowledge/misses/{cluster:\d{1,9}}", knowledge_misses.one),
    web.post(r"/knowledge/misses/{cluster:\d{1,9}}", knowledge_misses.act),
    web.get("/knowledge/due", knowledge_due.show),
    web.post(r"/knowledge/notices/{notice:\d{1,9}}", knowledge_due.seen),
    web.post(r"/knowledge/remarks/{remark:\d{1,9}}", knowledge_due.answer),
    web.get("/knowledge/exchange", knowledge_exchange.show),
    web.post("/knowledge/exchange", knowledge_exchange.upload),
    web.get("/knowledge/export", knowledge_exchange.export),
    web.get(r"/knowledge/exchange/{load:\d{1,9}}", knowledge_exchange.one),
    web.post(r"/knowledge/exchange/{load:\d{1,9}}", knowledge_exchange.confirm),
    web.post(r"/knowledge/exchange/{load:\d{1,9}}/release", knowledge_exchange.release_all),
    web.get("/knowledge/hits", knowledge_hits.show),
    web.get(r"/knowledge/call/{call:[\w-]{1,64}}", knowledge_call.show),
    web.get(ONE, knowledge_article.show),
    web.post(ONE, knowledge_article.act),
    web.post(f"{ONE}/remark", knowledge_due.report),
    web.get(f"{ONE}/gate", knowledge_gate.progress),
    web.get(f"{ONE}/edit", knowledge_article.form_page),
    web.post(f"{ONE}/edit", knowledge_article.save),
    web.get(f"{ONE}/revisions", knowledge_article.compare),
    web.post(f"{ONE}/revisions", knowledge_article.restore),
]

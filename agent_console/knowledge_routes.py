"""Which address leads where in the knowledge?"""

from aiohttp import web

from agent_console import knowledge_article, knowledge_gate, knowledge_list, knowledge_voice

ONE = r"/knowledge/{article:[\w.-]{1,32}}"

ROUTES: list[web.AbstractRouteDef] = [
    web.get("/knowledge", knowledge_list.show),
    web.get("/knowledge/new", knowledge_article.form_page),
    web.post("/knowledge/new", knowledge_article.save),
    web.get("/knowledge/voice", knowledge_voice.listen),
    web.post("/knowledge/preview", knowledge_voice.preview),
    web.get(ONE, knowledge_article.show),
    web.post(ONE, knowledge_article.act),
    web.get(f"{ONE}/gate", knowledge_gate.progress),
    web.get(f"{ONE}/edit", knowledge_article.form_page),
    web.post(f"{ONE}/edit", knowledge_article.save),
    web.get(f"{ONE}/revisions", knowledge_article.compare),
    web.post(f"{ONE}/revisions", knowledge_article.restore),
]

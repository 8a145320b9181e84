"""Rows as they are found in the wild: written by hand after each format's own shape."""

from __future__ import annotations

from typing import Any

FUNCTION = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
TOOL = {"type": "function", "function": FUNCTION}
RESULT = '{"degrees": 21}'

HF = {
    "messages": [
        {"role": "system", "content": "You help."},
        {"role": "user", "content": "Weather in Oslo?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {
                    "id": "call_a1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": {"city": "Oslo"}},
                }
            ],
        },
        {
            "role": "tool",
            "name": "get_weather",
            "tool_call_id": "call_a1",
            "content": RESULT,
        },
        {"role": "assistant", "content": "21 degrees."},
    ],
    "tools": [TOOL],
}
OPENAI = {
    "messages": [
        {"role": "system", "content": "You help."},
        {"role": "user", "content": "Weather in Oslo?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_a1",
                    "type": "function",
                    "function": {
                        "name": "get_weather",
                        "arguments": '{"city": "Oslo"}',
                    },
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_a1", "content": RESULT},
        {"role": "assistant", "content": "21 degrees."},
    ],
    "tools": [TOOL],
}
RESPONSES = {
    "responses_create_params": {
        "input": [
            {"type": "message", "role": "system", "content": "You help."},
            {"type": "message", "role": "user", "content": "Weather in Oslo?"},
        ],
        "tools": [{"type": "function", **FUNCTION}],
    },
    "response": {
        "output": [
            {
                "type": "reasoning",
                "summary": [{"type": "summary_text", "text": "I look it up."}],
            },
            {
                "type": "function_call",
                "call_id": "call_a1",
                "name": "get_weather",
                "arguments": '{"city": "Oslo"}',
            },
            {"type": "function_call_output", "call_id": "call_a1", "output": RESULT},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "21 degrees."}],
            },
        ]
    },
}
SHAREGPT = {
    "conversations": [
        {"from": "human", "value": "Weather in Oslo?"},
        {
            "from": "function_call",
            "value": '{"name": "get_weather", "arguments": {"city": "Oslo"}}',
        },
        {"from": "observation", "value": RESULT},
        {"from": "gpt", "value": "21 degrees."},
    ],
    "system": "You help.",
    "tools": '[{"name": "get_weather", "description": "The weather in a city.", '
    '"parameters": {"type": "object", "properties": {"city": {"type": "string"}}, '
    '"required": ["city"]}}]',
}
HERMES = {
    "conversations": [
        {
            "from": "system",
            "value": "You call functions.\n<tools>\n[{'type': 'function', 'function': "
            "{'name': 'get_weather', 'description': 'The weather in a city.', "
            "'parameters': {'type': 'object', 'properties': {'city': {'type': "
            "'string'}}, 'required': ['city']}}}]\n</tools>\nAnswer in tags.",
        },
        {"from": "human", "value": "Weather in Oslo?"},
        {
            "from": "gpt",
            "value": "I look it up.\n<tool_call>\n{'arguments': {'city': 'Oslo'}, "
            "'name': 'get_weather'}\n</tool_call>",
        },
        {"from": "tool", "value": f"<tool_response>\n{RESULT}\n</tool_response>"},
        {"from": "gpt", "value": "21 degrees."},
    ]
}
ATIF = {
    "schema_version": "ATIF-v1.8",
    "session_id": "s-1",
    "agent": {"name": "probe", "version": "2", "tool_definitions": [TOOL]},
    "steps": [
        {"step_id": 1, "source": "system", "message": "You help."},
        {"step_id": 2, "source": "user", "message": "Weather in Oslo?"},
        {
            "step_id": 3,
            "source": "agent",
            "message": "",
            "reasoning_content": "I look it up.",
            "tool_calls": [
                {
                    "tool_call_id": "call_a1",
                    "function_name": "get_weather",
                    "arguments": {"city": "Oslo"},
                }
            ],
            "observation": {
                "results": [{"source_call_id": "call_a1", "content": RESULT}]
            },
        },
        {"step_id": 4, "source": "agent", "message": "21 degrees."},
    ],
}
SIMULATION = {
    "id": "sim-1",
    "messages": [
        {"role": "user", "content": "Weather in Oslo?", "tool_calls": None},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_a1",
                    "name": "get_weather",
                    "arguments": {"city": "Oslo"},
                    "requestor": "assistant",
                }
            ],
        },
        {
            "role": "tool",
            "id": "call_a1",
            "content": RESULT,
            "requestor": "assistant",
            "error": False,
        },
        {"role": "assistant", "content": "21 degrees.", "tool_calls": None},
    ],
}
ROWS: dict[str, Any] = {
    "messages": HF,
    "openai": OPENAI,
    "responses": RESPONSES,
    "sharegpt": SHAREGPT,
    "hermes": HERMES,
    "atif": ATIF,
    "tau2": SIMULATION,
}
AROUND: dict[str, Any] = {
    "tau2": {"info": {"environment_info": {"policy": "You help.", "tool_defs": [TOOL]}}}
}
TASK = {
    "id": "t-1",
    "user_scenario": {
        "persona": "Brief.",
        "instructions": {
            "task_instructions": "Be patient.",
            "reason_for_call": "You want the weather.",
            "known_info": "You live in Oslo.\nIt is May.",
            "unknown_info": "The code.",
        },
    },
    "evaluation_criteria": {
        "actions": [{"name": "get_weather", "arguments": {"city": "Oslo"}}],
        "nl_assertions": ["The agent said 21."],
    },
}
QUESTION = {
    "id": "multi_turn_base_9",
    "question": [
        [{"role": "user", "content": "List the files."}],
        [],
        [{"role": "user", "content": "Now sort them."}],
    ],
    "initial_config": {"GorillaFileSystem": {"root": {}}},
    "path": ["GorillaFileSystem.ls"],
    "involved_classes": ["GorillaFileSystem"],
}

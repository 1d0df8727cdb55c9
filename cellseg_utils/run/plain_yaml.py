"""Reading of YAML that people write: small, no deeper than they would nest it, without references."""

from collections.abc import Hashable

import yaml

from cellseg_utils.run import reading
from cellseg_utils.run.language import say
from cellseg_utils.run.plain_error import ArgumentError, one_line

LARGEST = 1 << 20  # bytes
_MERGED = "tag:yaml.org,2002:merge"  # `<<`, whose value stands for keys of its own
DEEPEST = 20  # levels


class YamlError(ArgumentError):
    """What is wrong with YAML, as a part of one line."""


def read(path):
    """Value of a YAML file.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    value : value
        Dicts, lists, texts, numbers, dates and None.

    Raises
    ------
    YamlError
        If it is too deep, refers to a part of itself (which grows without bound), says something twice, or is
        no YAML.
    OSError
        If it can't be read, is no regular file, or too large.
    """
    try:
        return yaml.load(reading.text(path, LARGEST), _Loader)
    except (YamlError, OSError):
        raise
    except UnicodeDecodeError as error:
        raise YamlError(say("不是 UTF-8 编码，请另存为 UTF-8")) from error
    except Exception as error:  # a value that its tag does not fit raises almost anything
        raise YamlError(one_line(error)) from error


class _Loader(yaml.SafeLoader):
    depth = 0

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            raise YamlError(say("不接受引用（*{name}）", name=self.peek_event().anchor))
        self.depth += 1
        if self.depth > DEEPEST:
            raise YamlError(say("嵌套超过 {deepest} 层", deepest=DEEPEST))
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.tag == _MERGED:
                continue
            name = self.construct_object(key, deep=True)
            if isinstance(name, Hashable) and name in seen:
                raise YamlError(say("{name} 写了两次，请删去一个", name=name))
            seen |= {name} if isinstance(name, Hashable) else set()
        return super().construct_mapping(node, deep)

"""A dashboard's variables, as Grafana's models."""

from typing import assert_never

from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableModel,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.build.panels import Choice, Hidden, Pick, Variable
from dashboards.build.queries import MYSQL, source
from dashboards.names import ALL, DATASOURCE


def variables(kind: str, wanted: list[Variable]) -> list[Builder[VariableModel]]:
    return [build.DatasourceVariable(DATASOURCE).label("Data source").type(kind), *(_one(kind, one) for one in wanted)]


def _one(kind: str, variable: Variable) -> Builder[VariableModel]:
    match variable:
        case Choice():
            return _fixed(variable) if variable.values else _asked(kind, variable)
        case Pick():
            options = [_option(value, chosen=value == variable.default) for value in variable.values]
            return (
                build.CustomVariable(variable.name)
                .label(variable.label)
                .description(variable.description)
                .values(",".join(variable.values))
                .options(options)
                .current(_option(variable.default, chosen=True))
            )
        case Hidden():
            return build.ConstantVariable(variable.name).value(variable.value)
        case _:
            assert_never(variable)


def _asked(kind: str, choice: Choice) -> Builder[VariableModel]:
    variable = (
        build.QueryVariable(choice.name)
        .label(choice.label)
        .datasource(source(kind))
        .query(choice.query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.DISABLED)
        .multi(True)
        .hide(VariableHide.DONT_HIDE)
    )
    if choice.default:
        return variable.current(VariableOption(text=[choice.default], value=[choice.default], selected=True))
    return variable.include_all(True).all_value(ALL if kind == MYSQL else ".*").current(_ALL_OF_THEM)


def _fixed(choice: Choice) -> Builder[VariableModel]:
    return (
        build.CustomVariable(choice.name)
        .label(choice.label)
        .values(",".join(choice.values))
        .multi(True)
        .include_all(True)
        .all_value(ALL)
        .current(_ALL_OF_THEM)
    )


def _option(value: str, *, chosen: bool = False) -> VariableOption:
    return VariableOption(text=value, value=value, selected=chosen)


_ALL_OF_THEM = VariableOption(text=["All"], value=["$__all"], selected=True)

import { Component, h } from 'preact';

/** A component that draws again only when one of its properties is another value than before. */
export function memo(Drawn) {
  return class Memo extends Component {
    shouldComponentUpdate(next) {
      const names = Object.keys({ ...this.props, ...next });
      return names.some((name) => !Object.is(this.props[name], next[name]));
    }

    render(properties) {
      return h(Drawn, properties);
    }
  };
}

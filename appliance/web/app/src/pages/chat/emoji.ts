import type { StringKey } from '../../state/language';

/** A small set for every day. Screen readers say their names by themselves, in the reader's language. */
export const EMOJI: readonly (readonly [name: StringKey, emoji: readonly string[]])[] = [
  ['chat_emoji_faces', split('😀 😃 😄 😁 😅 😂 🤣 🙂 😉 😊 😍 😘 😜 🤗 🤔 🤨 😐 😏 🙄 😬 😌 😴 😎 🤓 😕 😟 😮 😲 😳 🥺 😢 😭 😱 😩 😤 😡 🤯 🤒 🥳 🤝')],
  ['chat_emoji_gestures', split('👍 👎 👌 ✌️ 🤞 🤟 👋 🙌 👏 🙏 💪 ☝️ 👇 👈 👉 ✋ 🫶 👀 🧠 🙋')],
  ['chat_emoji_hearts', split('❤️ 🧡 💛 💚 💙 💜 🖤 💔 💯 ✨ ⭐ 🔥 💥 🎉 🎊 🎁 🏆 🥇 ✅ ❌ ❓ ❗ ⚠️ 💤')],
  ['chat_emoji_nature', split('🐶 🐱 🦊 🐻 🐼 🐸 🐝 🦋 🌱 🌳 🌻 🌹 🍀 ☀️ 🌤️ ☁️ 🌧️ ⛄ 🌈 🌍 🌙 ⚡')],
  ['chat_emoji_food', split('☕ 🍵 🥐 🍞 🧀 🍎 🍌 🍓 🍕 🍔 🍟 🥗 🍝 🍣 🍰 🍪 🍫 🍺 🍷 🥂')],
  ['chat_emoji_things', split('💻 📱 ☎️ 📧 📎 📌 📅 📈 📉 📝 📚 🔒 🔑 🔧 🔋 💡 ⏰ ⏳ 🚀 🚗 🚲 🚆 ✈️ 🏠 🏢 ⚽ 🎸 🎧 🎬 🎮')],
];

function split(text: string): readonly string[] {
  return text.split(' ');
}
